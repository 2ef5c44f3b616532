/** The floor: a bare Fastify route doing one INSERT of the same payload, or one SELECT by key. No validation, no auth. */
import Fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
await pool.query(
  'CREATE TABLE IF NOT EXISTS floor (id bigserial PRIMARY KEY, name text NOT NULL, body jsonb NOT NULL)',
);
await pool.query('CREATE INDEX IF NOT EXISTS floor_name ON floor (name)');

const app = Fastify();
app.addContentTypeParser('application/scim+json', { parseAs: 'string' }, (_request, body, done) =>
  done(null, JSON.parse(body)),
);
app.post('/Users', async (request, reply) => {
  const text = 'INSERT INTO floor (name, body) VALUES ($1, $2) RETURNING id';
  const { rows } = await pool.query({
    name: 'insert',
    text,
    values: [request.body.userName, JSON.stringify(request.body)],
  });
  return reply.status(201).send({ id: rows[0].id, ...request.body });
});
app.get('/Users/:id', async (request) => {
  const { rows } = await pool.query({
    name: 'get',
    text: 'SELECT id, body FROM floor WHERE id = $1',
    values: [request.params.id],
  });
  return { id: rows[0].id, ...rows[0].body };
});
app.get('/Users', async (request) => {
  const { rows } = await pool.query({
    name: 'find',
    text: 'SELECT id, body FROM floor WHERE name = $1',
    values: [request.query.name],
  });
  return rows.map(({ id, body }) => ({ id, ...body }));
});
console.log(await app.listen({ port: 0, host: '127.0.0.1' }));
