import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ERROR, GROUP, TenantClient, times, USER } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';

jest.setTimeout(120_000);

describe('a POST with an Idempotency-Key', () => {
  let system: RunningSystem;
  let tenant: TenantClient;

  beforeAll(async () => {
    system = await startSystem('one process');
    tenant = await TenantClient.create(system);
  });
  afterAll(() => system.stop());

  const create = (key: string, userName: string, more: object = {}) =>
    tenant.send('POST', '/Users', { schemas: [USER], userName, ...more }, { 'idempotency-key': key });
  const total = async (filter: string) =>
    (await tenant.get(`/?count=0&filter=${encodeURIComponent(filter)}`)).body.totalResults;

  it('sent twice creates once, and is answered with the resource as it stands now', async () => {
    const first = await create('key-1', 'twice');
    const second = await create('key-1', 'twice');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    for (const header of ['location', 'etag', 'content-location'])
      expect(second.headers.get(header)).toBe(first.headers.get(header));
    await tenant.patch(`/Users/${first.body.id}`, [{ op: 'replace', path: 'title', value: 'Guide' }]);
    expect((await create('key-1', 'twice')).body).toMatchObject({ id: first.body.id, title: 'Guide' });
    expect(await total('userName eq "twice"')).toBe(1);
  });

  it('sent many times at once creates once', async () => {
    const answers = await Promise.all(times(20).map(() => create('key-race', 'race')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  it('keeps groups, whose names need not be unique, from being doubled', async () => {
    const group = { schemas: [GROUP], displayName: 'Twins' };
    const headers = { 'idempotency-key': 'key-group' };
    const [one, two] = [
      await tenant.send('POST', '/Groups', group, headers),
      await tenant.send('POST', '/Groups', group, headers),
    ];
    expect(two.body).toEqual(one.body);
    expect(await total('displayName eq "Twins"')).toBe(1);
  });

  it('with another body is 422, and changes nothing', async () => {
    await create('key-2', 'first-body');
    const answer = await create('key-2', 'second-body');
    expect([answer.status, answer.body['schemas'], answer.body['status']]).toEqual([422, [ERROR], '422']);
    expect(await total('userName eq "second-body"')).toBe(0);
  });

  it('that was refused may be corrected under the same key', async () => {
    expect((await create('key-3', 'corrected', { active: 'perhaps' })).status).toBe(400);
    expect((await create('key-3', 'twice')).status).toBe(409);
    expect((await create('key-3', 'corrected')).status).toBe(201);
  });

  it('of a resource that was deleted since is 404, never a second creation', async () => {
    const { body } = await create('key-4', 'deleted');
    await tenant.send('DELETE', `/Users/${body.id}`);
    expect((await create('key-4', 'deleted')).status).toBe(404);
    expect(await total('userName eq "deleted"')).toBe(0);
  });

  it('R125 means nothing to another tenant', async () => {
    const other = await TenantClient.create(system);
    const mine = await create('key-5', 'shared-key');
    const headers = { 'idempotency-key': 'key-5' };
    const theirs = await other.send('POST', '/Users', { schemas: [USER], userName: 'theirs' }, headers);
    expect(theirs.status).toBe(201);
    expect(theirs.body.id).not.toBe(mine.body.id);
  });

  it('that is too long, or empty, is refused', async () => {
    for (const key of ['x'.repeat(256), ''])
      expect((await create(key, 'bad-key')).body).toMatchObject({ status: '400', scimType: 'invalidValue' });
  });
});
