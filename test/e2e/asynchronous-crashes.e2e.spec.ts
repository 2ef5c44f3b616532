import { afterAll, afterEach, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import pg, { type PoolClient } from 'pg';
import { GROUP, send, TenantClient, times, USER, type Answer, type Body } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';

jest.setTimeout(180_000);

const ASYNC = { prefer: 'respond-async' };
const BULK_REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';

let system: RunningSystem;
let owner: pg.Pool;
let tenant: TenantClient;

beforeAll(async () => {
  system = await startSystem('separate services');
  owner = new pg.Pool({ connectionString: system.ownerDatabaseUrl, max: 3 });
});
afterAll(async () => {
  await owner?.end();
  await system?.stop();
});
beforeEach(async () => {
  tenant = await TenantClient.create(system);
});

const scimApis = () => ['scim-api', 'scim-api-2'].flatMap((name) => system.services.get(name) ?? []);
/** With the statements they have sent: a server goes on with those of a client that is gone. */
const killAll = async () => {
  await Promise.all(scimApis().map((service) => service.end('SIGKILL')));
  await owner.query(
    `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'rollcall-scim-api%'`,
  );
};
const startAll = async () => {
  for (const service of scimApis()) service.start();
  await Promise.all(scimApis().map((service) => service.ready()));
};

interface Lock {
  letGo(): Promise<void>;
}
const held = new Set<Lock>();
afterEach(() => Promise.all([...held].map((lock) => lock.letGo())));

/** Keeps a lock on rows until it is let go: who needs them waits. */
const holding = async (statement: string): Promise<Lock> => {
  const client: PoolClient = await owner.connect();
  await client.query('BEGIN');
  await client.query(statement, [tenant.id]);
  const lock = {
    letGo: async () => {
      held.delete(lock);
      await client.query('ROLLBACK');
      client.release();
    },
  };
  held.add(lock);
  return lock;
};
const noAppends = () => holding('SELECT FROM tenant_heads WHERE tenant_id = $1 FOR UPDATE');
const noResults = () => holding('SELECT FROM accepted_requests WHERE tenant_id = $1 FOR UPDATE');
const leasesEnd = () =>
  owner.query('UPDATE accepted_requests SET leased_until = now() WHERE tenant_id = $1', [tenant.id]);

const until = async <Found>(look: () => Promise<Found | undefined>): Promise<Found> => {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('It did not come in time.');
    await new Promise((again) => setTimeout(again, 100));
  }
};
const resultOf = (accepted: Answer): Promise<readonly Body[]> =>
  until(async () => {
    const path = (accepted.headers.get('location') ?? '').slice(tenant.scimUrl.length);
    const { status, body } = await tenant.get(path);
    return status === 200 ? (body['Operations'] as Body[]) : undefined;
  });
const txnOf = ({ headers }: Answer) => headers.get('set-txn') ?? '';

/** Types of the events that the request left in the log. */
const eventsOf = async (txn: string): Promise<readonly unknown[]> => {
  const { body } = await send(`${system.url}/admin/v1/tenants/${tenant.id}/audit?limit=200`, {
    token: system.adminToken,
  });
  const items = body['items'] as readonly { txn: string; type: string }[];
  return items.filter((item) => item.txn === txn || item.txn.startsWith(`${txn}:`)).map(({ type }) => type);
};

it('X9 what was answered by 202 is done, though every scim-api was killed before it began', async () => {
  const ids = await Promise.all(times(3).map((n) => tenant.user(`crash.before.${n}`)));
  const lock = await noAppends();
  const accepted = [
    await tenant.send('POST', '/Users', { schemas: [USER], userName: 'crash.before.new' }, ASYNC),
    ...(await Promise.all(
      ids.map((id) => tenant.patch(`/Users/${id}`, [{ op: 'add', path: 'title', value: 'Late' }], ASYNC)),
    )),
    await tenant.send(
      'POST',
      '/Bulk',
      {
        schemas: [BULK_REQUEST],
        Operations: times(20).map((n) => ({
          method: 'POST',
          path: '/Users',
          bulkId: `b${n}`,
          data: { schemas: [USER], userName: `crash.before.bulk.${n}` },
        })),
      },
      ASYNC,
    ),
  ];
  expect(accepted.map(({ status }) => status)).toEqual(accepted.map(() => 202));
  await killAll();
  await lock.letGo();
  await startAll();
  await leasesEnd();
  for (const one of accepted) for (const { status } of await resultOf(one)) expect(['200', '201']).toContain(status);
  expect(await eventsOf(txnOf(accepted[0] as Answer))).toEqual(['UserCreated']);
  expect(await eventsOf(txnOf(accepted.at(-1) as Answer))).toEqual(times(20).map(() => 'UserCreated'));
});

it('X9 what was done by a process that was killed before it could say so is not done a second time', async () => {
  const id = await tenant.user('crash.after');
  const doomed = await tenant.user('crash.after.doomed');
  const tokens = await Promise.all(
    times(4).map(async (n) => {
      const { body } = await send(`${system.url}/admin/v1/tenants/${tenant.id}/tokens`, {
        method: 'POST',
        token: system.adminToken,
        headers: { 'content-type': 'application/json' },
        body: { name: `lane ${n}`, expiresInDays: 1 },
      });
      return body.token;
    }),
  );
  const appends = await noAppends();
  // Each credential has a lane of its own.
  const as = (n: number, method: string, path: string, body?: unknown) =>
    send(tenant.scimUrl + path, { method, token: tokens[n] ?? '', headers: ASYNC, ...(body ? { body } : {}) });
  const title = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'title', value: 'From the request' }],
  };
  const accepted = {
    patch: await as(0, 'PATCH', `/Users/${id}`, title),
    create: await as(1, 'POST', '/Groups', { schemas: [GROUP], displayName: 'Crash' }),
    remove: await as(2, 'DELETE', `/Users/${doomed}`),
    bulk: await as(3, 'POST', '/Bulk', {
      schemas: [BULK_REQUEST],
      Operations: [
        { method: 'POST', path: '/Users', bulkId: 'u', data: { schemas: [USER], userName: 'crash.after.bulk' } },
        { method: 'POST', path: '/Groups', bulkId: 'g', data: { schemas: [GROUP], displayName: 'Crash bulk' } },
      ],
    }),
  };
  const all = Object.values(accepted);
  expect(all.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
  const results = await noResults();
  await appends.letGo();
  await until(async () => {
    const counts = await Promise.all(all.map(async (one) => (await eventsOf(txnOf(one))).length));
    return counts.join() === '1,1,1,2' ? true : undefined;
  });
  await killAll();
  await results.letGo();
  await startAll();
  // Somebody else was here in the meantime: who did the request again would undo it.
  await tenant.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'From somebody else' }]);
  expect(
    await owner.query('SELECT FROM accepted_requests WHERE tenant_id = $1 AND completed_at IS NULL', [tenant.id]),
  ).toMatchObject({ rowCount: 4 });
  await leasesEnd();
  expect(await resultOf(accepted.patch)).toMatchObject([{ method: 'PATCH', status: '200' }]);
  expect(await resultOf(accepted.remove)).toMatchObject([{ method: 'DELETE', status: '204' }]);
  expect(await resultOf(accepted.create)).toMatchObject([{ method: 'POST', status: '201' }]);
  expect(await resultOf(accepted.bulk)).toMatchObject([{ status: '201' }, { status: '201' }]);
  expect((await tenant.get(`/Users/${id}`)).body['title']).toBe('From somebody else');
  for (const name of ['Crash', 'Crash bulk'])
    expect(
      (await tenant.get(`/Groups?filter=${encodeURIComponent(`displayName eq "${name}"`)}`)).body.totalResults,
    ).toBe(1);
  const counts = await Promise.all(all.map(async (one) => (await eventsOf(txnOf(one))).length));
  expect(counts).toEqual([1, 1, 1, 2]);
});

it('R19 429 with Retry-After tells that too many wait, and nothing of it was accepted', async () => {
  const small = await startSystem('one process', { ASYNC_REQUESTS_WAITING: '2' });
  try {
    const crowded = await TenantClient.create(small);
    const own = new pg.Pool({ connectionString: small.ownerDatabaseUrl, max: 1 });
    const client = await own.connect();
    await client.query('BEGIN');
    await client.query('SELECT FROM tenant_heads WHERE tenant_id = $1 FOR UPDATE', [crowded.id]);
    const create = (n: number) => crowded.send('POST', '/Users', { schemas: [USER], userName: `crowd.${n}` }, ASYNC);
    const answers = [await create(1), await create(2), await create(3)];
    await client.query('ROLLBACK');
    client.release();
    await own.end();
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 429]);
    expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(0);
    await until(async () => ((await create(4)).status === 202 ? true : undefined));
    await until(async () => ((await crowded.get('/Users')).body.totalResults === 3 ? true : undefined));
    expect((await crowded.get(`/Users?filter=${encodeURIComponent('userName eq "crowd.3"')}`)).body.totalResults).toBe(
      0,
    );
  } finally {
    await small.stop();
  }
});
