import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { GROUP, send, TenantClient, times, USER, type Answer } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';

jest.setTimeout(120_000);

interface Item {
  readonly outcome: string;
  readonly type: string;
  readonly time: string;
  readonly requestId: string;
  readonly actor?: { readonly kind: string; readonly id: string };
  readonly resource?: { readonly type: string; readonly id?: string };
  readonly method?: string;
  readonly status?: number;
  readonly scimType?: string;
  readonly code?: string;
  readonly times?: number;
}

/** More than a flood that is counted makes in the time of this suite. */
const KEPT = 150;

/** Repeats a check until it holds: refusals are written about a second later. */
const until = async (check: () => Promise<void>): Promise<void> => {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((again) => setTimeout(again, 200));
  }
};

describe('F27 refused requests', () => {
  let system: RunningSystem;
  let owner: pg.Pool;
  let tenant: TenantClient;

  beforeAll(async () => {
    system = await startSystem('separate services', { REFUSALS_KEPT: `${KEPT}` });
    owner = new pg.Pool({ connectionString: system.ownerDatabaseUrl, max: 1 });
    tenant = await TenantClient.create(system);
  });
  afterAll(async () => {
    await owner?.end();
    await system?.stop();
  });

  const audit = async (of: TenantClient, query = 'outcome=refused&limit=200'): Promise<readonly Item[]> => {
    const { body } = await send(`${system.url}/admin/v1/tenants/${of.id}/audit?${query}`, { token: system.adminToken });
    return body['items'] as readonly Item[];
  };
  /** What was refused, once it is as much as that. */
  const refused = async (of: TenantClient, least: number): Promise<readonly Item[]> => {
    let items: readonly Item[] = [];
    await until(async () => {
      items = await audit(of);
      expect(items.length).toBeGreaterThanOrEqual(least);
    });
    return items;
  };
  const reasons = (items: readonly Item[]) =>
    items.map(({ method, status, scimType, code, resource }) => [method, resource?.type, status, scimType, code]);
  const requestIdOf = ({ headers }: Answer) => headers.get('x-request-id');

  it('are in the audit with who asked for what, when, and why not', async () => {
    const id = await tenant.user('refused.taken');
    const answers = [
      await tenant.send('POST', '/Users', { schemas: [USER], userName: 'refused.taken' }),
      await tenant.send('POST', '/Users', { schemas: [USER], userName: 'refused.wrong', active: 'perhaps' }),
      await tenant.send('DELETE', '/Users/0199a3c8-0000-7000-8000-000000000000'),
      await tenant.patch(`/Users/${id}`, [{ op: 'add', path: 'title', value: 'x' }], { 'if-match': 'W/"99"' }),
      await tenant.send('PUT', '/Groups/sekrit@example.com', { schemas: [GROUP], displayName: 'sekrit' }),
      await tenant.send('POST', '/sekrit', { schemas: [USER] }),
      await tenant.send('PATCH', `/Users/${id}`, 'no patch'),
    ];
    const items = (await refused(tenant, answers.length)).toReversed();
    expect(reasons(items)).toEqual([
      ['POST', 'User', 409, undefined, 'claim-taken'],
      ['POST', 'User', 400, 'invalidValue', 'invalidValue'],
      ['DELETE', 'User', 404, undefined, 'resource-not-found'],
      ['PATCH', 'User', 412, undefined, 'precondition-failed'],
      ['PUT', 'Group', 404, undefined, 'resource-not-found'],
      ['POST', undefined, 404, undefined, 'not-found'],
      ['PATCH', 'User', 400, 'invalidSyntax', 'invalidSyntax'],
    ]);
    expect(items.map(({ requestId }) => requestId)).toEqual(answers.map(requestIdOf));
    expect(items[3]?.resource).toEqual({ type: 'User', id });
    expect(items[4]?.resource).toEqual({ type: 'Group' });
    for (const { actor, outcome, type } of items)
      expect({ actor, outcome, type }).toEqual({
        actor: { kind: 'token', id: expect.any(String) },
        outcome: 'refused',
        type: 'RequestRefused',
      });
  });

  it('stand among what was done, by time; reads that fail do not', async () => {
    await tenant.get('/Users?filter=nonsense');
    await tenant.send('POST', '/Users/.search', { filter: 'nonsense' });
    const id = await tenant.user('refused.later');
    await tenant.send('POST', '/Users', { schemas: [USER], userName: 'refused.later' });
    await refused(tenant, 8);
    const items = await audit(tenant, 'limit=200');
    expect(items.map(({ time }) => time)).toEqual(
      items
        .map(({ time }) => time)
        .toSorted()
        .toReversed(),
    );
    expect(items.slice(0, 2).map(({ type, resource }) => [type, resource?.id])).toEqual([
      ['RequestRefused', undefined],
      ['UserCreated', id],
    ]);
    const lines = await fetch(`${system.url}/admin/v1/tenants/${tenant.id}/audit`, {
      headers: { authorization: `Bearer ${system.adminToken}`, accept: 'application/x-ndjson' },
    });
    const streamed = (await lines.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Item);
    expect(streamed).toEqual(items);
    expect(await audit(tenant, `resource=${id}&outcome=success`)).toHaveLength(1);
  });

  it('of a bulk request, and of one that was carried out later, are each in the audit', async () => {
    const own = await TenantClient.create(system);
    await own.user('bulk.taken');
    const { headers } = await own.send('POST', '/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [
        { method: 'POST', path: '/Users', bulkId: 'sekrit', data: { schemas: [USER], userName: 'bulk.taken' } },
        { method: 'POST', path: '/Users', bulkId: 'b', data: { schemas: [USER], userName: 'bulk.fine' } },
        { method: 'DELETE', path: '/Groups/nobody' },
        { method: 'sekrit', path: '/Users' },
      ],
    });
    const items = (await refused(own, 3)).toReversed();
    expect(new Set(items.map(({ requestId }) => requestId))).toEqual(new Set([headers.get('x-request-id')]));
    expect(reasons(items)).toEqual(
      expect.arrayContaining([
        ['POST', 'User', 409, undefined, 'claim-taken'],
        ['DELETE', 'Group', 404, undefined, 'resource-not-found'],
        ['other', 'Bulk', 400, 'invalidSyntax', 'invalidSyntax'],
      ]),
    );
    for (const prefer of ['respond-async', 'respond-async, wait=30'])
      await own.send('POST', '/Users', { schemas: [USER], userName: 'bulk.taken' }, { prefer });
    expect(reasons((await refused(own, 5)).slice(0, 2))).toEqual(
      times(2).map(() => ['POST', 'User', 409, undefined, 'claim-taken']),
    );
  });

  it('R125 are those of one tenant; without a good credential nobody is named', async () => {
    const [one, two] = [await TenantClient.create(system), await TenantClient.create(system)];
    const body = { schemas: [USER], userName: 'x' };
    await send(`${one.scimUrl}/Users`, { method: 'POST', token: two.token, body });
    await send(`${one.scimUrl}/Users`, { method: 'POST', token: 'sekrit', body });
    await send(`${one.scimUrl.replace(one.id, 'sekrit-nobody')}/Users`, { method: 'POST', token: one.token, body });
    const items = await refused(one, 2);
    expect(items.map(({ actor, status, code }) => [actor, status, code]).toSorted()).toEqual([
      [undefined, 401, 'unauthorized'],
      [undefined, 403, 'forbidden'],
    ]);
    expect(await audit(two)).toEqual([]);
  });

  it('in a flood are counted, and never more than may be kept', async () => {
    const slow = await TenantClient.create(system, { rateLimit: { perSecond: 1, burst: 1 } });
    const invalid = (of: TenantClient) => of.send('POST', '/Users', { schemas: [USER], userName: 'wild', active: 'x' });
    const answers = await Promise.all(times(100).map(() => invalid(slow)));
    const limited = answers.filter(({ status }) => status === 429).length;
    const counted = async () => {
      const items = (await audit(slow)).filter(({ status }) => status === 429);
      expect(items.every(({ actor }) => actor?.kind === 'token')).toBe(true);
      return [items.reduce((sum, one) => sum + (one.times ?? 0), 0), items.length < limited];
    };
    await until(async () => expect(await counted()).toEqual([limited, true]));

    const wild = await TenantClient.create(system);
    await Promise.all(times(KEPT * 3).map(() => invalid(wild)));
    const rows = async () => (await owner.query<{ tenant_id: string }>('SELECT * FROM refused_requests')).rows;
    await until(async () => expect((await rows()).filter((row) => row.tenant_id === wild.id)).toHaveLength(KEPT));
    // Nothing that any of the requests of this suite said stands in any column.
    expect(JSON.stringify(await rows())).not.toMatch(/sekrit|refused\.|bulk\.|wild|perhaps|nonsense/);
  });
});
