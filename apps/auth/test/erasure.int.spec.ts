import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { retitle, startDirectoryAdmin, type DirectoryAdmin } from './directory-admin.js';

let system: DirectoryAdmin;

beforeAll(async () => {
  system = await startDirectoryAdmin();
}, 60_000);
afterAll(() => system.close());

describe('erasure', () => {
  const person = {
    name: { givenName: 'Perpetua', familyName: 'Quillfeather' },
    emails: [{ value: 'perpetua@quill.example' }],
    phoneNumbers: [{ value: '+44-20-7946-0999' }],
  };
  /** What of the person stands in a text. */
  const found = (text: string) => text.match(/Perpetua|Quillfeather|quill\.example|7946-0999|pquill/gi) ?? [];

  /** Every row of every table, as the owner sees it. */
  const everything = async (): Promise<string> => {
    const owner = new pg.Client(system.ownerUrl);
    await owner.connect();
    const { rows } = await owner.query<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
        WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
    );
    const texts = [];
    for (const { name } of rows)
      texts.push(
        name,
        ...(await owner.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)).rows.map(({ row }) => row),
      );
    await owner.end();
    return texts.join('\n');
  };
  const logText = async () => JSON.stringify(await system.elsewhere.store.readTenant('acme', 0, 10_000));

  it('leaves nothing of a person in tables, log, history and a rebuild; asked again it answers the same', async () => {
    const id = await system.newUser('pquill', person);
    await system.run(id, retitle('Quillfeather the younger'));
    const group = await system.newGroup('Scribes', [id]);
    await system.project();
    expect(found(await everything())).not.toEqual([]);

    const path = `/tenants/acme/resources/${id}/erasure`;
    expect(await system.refusal('POST', path)).toEqual([409, 'resource-not-deleted']);
    await system.run(id, { type: 'DeleteUser', data: {} });
    const erased = await system.admin('POST', path);
    expect(erased).toEqual({ status: 200, body: { id, erasedAt: expect.any(String) } });
    expect(await system.admin('POST', path)).toEqual(erased);

    const history = await system.admin('GET', `/tenants/acme/resources/${id}/history`);
    expect(history.body.events.map(({ type }) => type)).toEqual([
      'UserCreated',
      'UserAttributesChanged',
      'UserDeleted',
      'UserErased',
    ]);
    expect(history.body.events[1]).toMatchObject({ paths: ['title'], erased: true });
    expect(found(JSON.stringify(history.body))).toEqual([]);
    expect(await system.refusal('GET', `/tenants/acme/resources/${id}`)).toEqual([410, 'resource-erased']);

    system.elsewhere.sealer.forget('acme', id); // or two seconds
    expect(found(await logText())).toEqual([]);
    await system.project();
    expect(found(await everything())).toEqual([]);
    await system.admin('POST', '/projections/directory/rebuild', { body: { tenant: 'acme' } });
    await system.project();
    expect(found(await everything())).toEqual([]);
    const { body } = await system.admin('GET', '/projections?tenant=acme');
    expect(body.items).toEqual([expect.objectContaining({ status: 'live', lagEvents: 0 })]);
    expect((await system.admin('GET', `/tenants/acme/resources/${group}`)).body).toMatchObject({
      displayName: 'Scribes',
    });
  });

  it('by force deletes a live user first, frees its name, and shuts the door to writers', async () => {
    const id = await system.newUser('pquill', person);
    const path = `/tenants/acme/resources/${id}/erasure`;
    expect(await system.refusal('POST', path, { body: { force: 'yes' } })).toEqual([400, 'input-invalid']);
    const answers = await Promise.all([1, 2, 3].map(() => system.admin('POST', path, { body: { force: true } })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await expect(system.run(id, retitle('Leader'))).rejects.toMatchObject({ code: 'subject-erased' });
    const { body } = await system.admin('GET', `/tenants/acme/resources/${id}/history`);
    expect(body.events.map(({ type }) => type)).toEqual(['UserCreated', 'UserDeleted', 'UserErased']);
    expect(body.events[2]).toMatchObject({ actor: { kind: 'operator', id: 'first' } });
    await system.newUser('pquill');
  });

  it('made whole by asking again what was cut off before the key was destroyed', async () => {
    const id = await system.newUser('cut-off', { title: 'Quillfeather the elder' });
    await system.run(id, { type: 'EraseUser', data: { force: true } }); // and then the process died
    const keys = async () =>
      (
        await system.elsewhere.database.query('acme', {
          text: 'SELECT 1 FROM subject_keys WHERE tenant_id = $1 AND subject_id = $2',
          values: ['acme', id],
        })
      ).rowCount;
    expect(await keys()).toBe(1);
    expect(JSON.stringify(await system.admin('GET', `/tenants/acme/resources/${id}/history`))).not.toContain(
      'the elder',
    );
    expect((await system.admin('POST', `/tenants/acme/resources/${id}/erasure`)).status).toBe(200);
    expect(await keys()).toBe(0);
  });
});
