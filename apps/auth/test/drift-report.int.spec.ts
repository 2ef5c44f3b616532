import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { userSchema } from '#scim';
import { LONGEST_LINE, MOST_USERS } from '../src/drift/described-file.js';
import { startDirectoryAdmin } from './directory-admin.js';

let scene: Awaited<ReturnType<typeof startDirectoryAdmin>>;
const ids: Record<string, string> = {};

beforeAll(async () => {
  scene = await startDirectoryAdmin();
  ids['ann'] = await scene.newUser('ann', { externalId: 'e-ann', title: 'Guide' });
  ids['bob'] = await scene.newUser('Bob', { externalId: 'e-bob' });
  ids['cid'] = await scene.newUser('cid', { externalId: 'e-cid' });
  ids['dan'] = await scene.newUser('dan');
  await scene.run(ids['dan'], {
    type: 'PatchUser',
    data: { operations: [{ op: 'replace', path: 'active', value: false }], schema: userSchema },
  });
  await scene.project();
}, 60_000);
afterAll(() => scene.close());

const path = '/tenants/acme/drift-report';
const linesOf = (users: readonly object[]) => users.map((user) => `${JSON.stringify(user)}\n`).join('');
const answered = async (response: Response) => {
  const text = await response.text();
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
};
const report = async (users: readonly object[], query = '') =>
  answered(await scene.ask('POST', `${path}${query}`, { lines: linesOf(users) }));
const refused = async (lines: string) => {
  const response = await scene.ask('POST', path, { lines });
  const { error } = (await response.json()) as { error: { code: string; message: string; details?: unknown } };
  return { status: response.status, ...error };
};

describe('F26 a drift report', () => {
  it('has a line for each user that is missing or different, then their numbers', async () =>
    expect(
      await report([
        { userName: 'ANN', externalId: 'e-ann', title: 'guide' },
        { userName: 'bob', title: 'Guide', active: false },
        { userName: 'eve', externalId: 'e-eve' },
        { userName: 'dan', active: false },
      ]),
    ).toEqual([
      { kind: 'different', id: ids['bob'], userName: 'bob', paths: ['title', 'active'] },
      { kind: 'missing', userName: 'eve', externalId: 'e-eve' },
      { kind: 'summary', compared: 4, missing: 1, different: 1 },
    ]));

  it('knows a user that was renamed by its externalId', async () =>
    expect(await report([{ userName: 'cidney', externalId: 'e-cid' }, { externalId: 'e-bob' }])).toEqual([
      { kind: 'different', id: ids['cid'], userName: 'cidney', externalId: 'e-cid', paths: ['userName'] },
      { kind: 'summary', compared: 2, missing: 0, different: 1 },
    ]));

  it('names active users that a complete file does not know', async () =>
    expect(await report([{ userName: 'ann' }, { externalId: 'e-cid' }], '?complete=true')).toEqual([
      { kind: 'unexpected', id: ids['bob'], userName: 'Bob', externalId: 'e-bob' },
      { kind: 'summary', compared: 2, missing: 0, different: 0, unexpected: 1 },
    ]));

  it('takes what SCIM lists, too', async () =>
    expect(
      await answered(
        await scene.ask('POST', path, { body: { totalResults: 1, Resources: [{ userName: 'ann', title: 'Chief' }] } }),
      ),
    ).toEqual([
      { kind: 'different', id: ids['ann'], userName: 'ann', paths: ['title'] },
      { kind: 'summary', compared: 1, missing: 0, different: 1 },
    ]));

  it('may be larger than what is compared at once', async () => {
    const unknown = Array.from({ length: 1_203 }, (_, n) => ({ userName: `nobody${n}` }));
    const entries = await report([...unknown, { userName: 'ann' }, { userName: 'bob' }], '?complete=true');
    expect(entries.filter(({ kind }) => kind === 'missing')).toHaveLength(1_203);
    expect(entries.at(-1)).toEqual({ kind: 'summary', compared: 1_205, missing: 1_203, different: 0, unexpected: 1 });
  });

  it('compares extensions of the tenant', async () => {
    const urn = 'urn:acme:scim:User';
    const badge = { [urn]: { badge: '7' } };
    expect(await report([{ userName: 'ann', ...badge }])).toHaveLength(1);
    await scene.admin('PUT', `/tenants/acme/schemas/${urn}`, {
      body: { name: 'Acme user', attributes: [{ name: 'badge', type: 'string' }] },
    });
    await scene.project();
    expect(await report([{ userName: 'ann', ...badge }])).toMatchObject([{ paths: [`${urn}:badge`] }, {}]);
  });

  it('sees nothing of another tenant', async () => {
    await scene.project('globex');
    const response = await scene.ask('POST', '/tenants/globex/drift-report?complete=true', {
      lines: linesOf([{ userName: 'ann' }]),
    });
    expect(await answered(response)).toEqual([
      { kind: 'missing', userName: 'ann' },
      { kind: 'summary', compared: 1, missing: 1, different: 0, unexpected: 0 },
    ]);
    expect(await scene.refusal('POST', '/tenants/nobody/drift-report', { body: { Resources: [] } })).toEqual([
      404,
      'tenant-not-found',
    ]);
  });

  it('is refused before anything is compared, with each line that cannot be a user', async () => {
    const lines = ['{"userName":"ann"}\r', '', '{"userName":"ann",}', '{"title":"Guide"}', '{"userName":7}', '[]'];
    const { status, code, message, details } = await refused(lines.join('\n'));
    expect([status, code]).toEqual([400, 'input-invalid']);
    expect(details).toEqual([
      { path: 'line 3', message: expect.stringMatching(/^This is not JSON: [^{]*\.$/) },
      { path: 'line 4', message: 'Give userName or externalId.' },
      { path: 'line 5', message: '"userName" must be a string.' },
      { path: 'line 6', message: 'A user must be a JSON object with its attributes.' },
    ]);
    expect(message).not.toContain('Guide');
    expect(await scene.refusal('POST', path, { body: { Resources: [{ userName: 'ann' }, 7] } })).toEqual([
      400,
      'input-invalid',
    ]);
    expect(await scene.refusal('POST', path)).toEqual([400, 'input-invalid']);
  });

  it('has lines, users and depth within limits', async () => {
    const long = JSON.stringify({ userName: 'ann', title: 'x'.repeat(LONGEST_LINE) });
    expect(await refused(long)).toMatchObject({
      details: [{ path: 'line 1', message: expect.stringContaining('bytes') }],
    });
    const deep = `{"userName":"ann","x":${'['.repeat(70)}${']'.repeat(70)}}`;
    expect(await refused(deep)).toMatchObject({ details: [{ path: 'line 1' }] });
    const tooMany = '{"userName":"a"}\n'.repeat(MOST_USERS + 1);
    expect(await refused(tooMany)).toMatchObject({
      status: 413,
      code: 'too-large',
      message: `A report takes ${MOST_USERS} users at most.`,
    });
    expect(await refused(' '.repeat(17 * 1024 ** 2))).toMatchObject({ status: 413, code: 'too-large' });
    const many = await refused('x\n'.repeat(1_000));
    expect(many.details).toHaveLength(100);
  });

  it('is the one call that takes lines', async () => {
    const { status } = await scene.ask('POST', '/tenants', { lines: '{"id":"other","displayName":"Other"}' });
    expect(status).toBe(415);
  });

  it('waits for a read model that is behind no longer than reads do, and begins no answer then', async () => {
    await scene.newUser('fay');
    const response = await scene.ask('POST', path, { lines: linesOf([{ userName: 'fay' }]) });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  }, 30_000);
});
