import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { send, TenantClient, times, USER, type Body } from './clients.js';
import { beginCommand, rollcall } from './operator-commands.js';
import { startSystem, type RunningSystem } from './running-system.js';
import { readTopics, type TopicRecord } from './topics.js';

jest.setTimeout(300_000);

const URN = 'urn:example:params:scim:schemas:acme:1.0:User';
const USERS = 2_100;
const BIG_GROUP = 2_000;

let there: RunningSystem;
let here: RunningSystem;
let acme: TenantClient;
let folder: string;
let file: string;

const admin = (system: RunningSystem, method: string, path: string, body?: unknown) =>
  send(`${system.url}/admin/v1${path}`, {
    method,
    token: system.adminToken,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  });

/** Renamed, deleted, erased, nested, with an attribute of the tenant's own, and a group that takes several events. */
const live = async (tenant: TenantClient): Promise<void> => {
  await admin(there, 'PUT', `/tenants/${tenant.id}/schemas/${URN}`, { attributes: [{ name: 'shift' }] });
  const ids: string[] = [];
  for (let from = 0; from < USERS; from += 50)
    ids.push(...(await Promise.all(times(50).map((n) => tenant.user(`user${from + n}`)))));
  const big = await tenant.group('Everybody', ids.slice(0, BIG_GROUP));
  await tenant.group('Nested', [big]);
  const [renamed = '', deleted = '', erased = '', rejoined = '', suspended = ''] = ids;
  const schemas = [USER, URN];
  await tenant.send('PUT', `/Users/${renamed}`, { schemas, userName: 'newname', [URN]: { shift: 'early' } });
  await tenant.user('user0', { externalId: 'the name is free again' });
  await tenant.send('DELETE', `/Users/${deleted}`);
  await admin(there, 'POST', `/tenants/${tenant.id}/resources/${erased}/erasure`, { force: true });
  await tenant.patch(`/Groups/${big}`, [{ op: 'remove', path: `members[value eq "${rejoined}"]` }]);
  await tenant.patch(`/Groups/${big}`, [{ op: 'add', path: 'members', value: [{ value: rejoined }] }]);
  await tenant.patch(`/Users/${suspended}`, [{ op: 'replace', path: 'active', value: false }]);
  await tenant.send('DELETE', `/Groups/${await tenant.group('Gone', ids.slice(10, 20))}`);
};

/** All users and groups of a tenant, as its clients see them, without what names the tenant and its server. */
const shown = async (tenant: TenantClient): Promise<readonly string[]> => {
  const found: Body[] = [];
  for (const type of ['Users', 'Groups']) {
    for (let startIndex = 1, total = 1; startIndex <= total; startIndex += 200) {
      const { body } = await eventually(
        () => tenant.get(`/${type}?count=200&startIndex=${startIndex}`),
        ({ status }) => status === 200, // 503: thousands of events came in at once, and the read model is on its way
      );
      total = body.totalResults;
      found.push(...body.Resources);
    }
  }
  return found.map((resource) => JSON.stringify(resource).replaceAll(tenant.scimUrl, '')).sort();
};

/** The last event of a tenant that each compacted topic tells of. */
const LAST_TOLD = `SELECT
  max(sequence) FILTER (WHERE stream_name LIKE 'user-%') AS "users.v1",
  max(sequence) FILTER (WHERE stream_name LIKE 'group-%') AS "groups.v1",
  max(sequence) FILTER (WHERE type LIKE 'GroupMembers%' OR type = 'GroupDeleted') AS "memberships.v1"
  FROM events WHERE tenant_id = $1`;

/** What compaction leaves of a tenant: the last record of each key, none where it is a deletion. */
const compacted = async (
  system: RunningSystem,
  tenant: TenantClient,
  count: number,
): Promise<ReadonlyMap<string, string>> => {
  const [last = {}] = await asOwner(system, LAST_TOLD, tenant.id);
  const ofTenant = ({ key }: TopicRecord) => key.startsWith(`${tenant.id}/`);
  const stateOf = (records: readonly TopicRecord[]) => {
    const state = new Map<string, string>();
    for (const { topic, key, value } of records.filter(ofTenant)) {
      const name = `${topic} ${key.slice(tenant.id.length)}`;
      if (value === null) state.delete(name);
      else state.set(name, JSON.stringify(value).replaceAll(tenant.id, ''));
    }
    return state;
  };
  const isThere = (records: readonly TopicRecord[]) =>
    Object.entries(last).every(([topic, sequence]) => {
      const told = records.findLast((record) => record.topic === topic && ofTenant(record));
      return Number(told?.headers['ce_sequence']) === Number(sequence);
    });
  const enough = (records: readonly TopicRecord[]) => isThere(records) && stateOf(records).size === count;
  return stateOf(await readTopics(system, Object.keys(last), enough));
};

const asOwner = async (
  { ownerDatabaseUrl }: RunningSystem,
  statement: string,
  tenantId: string,
): Promise<readonly Readonly<Record<string, string | null>>[]> => {
  const owner = new pg.Client(ownerDatabaseUrl);
  await owner.connect();
  try {
    return (await owner.query<Record<string, string | null>>(statement, [tenantId])).rows;
  } finally {
    await owner.end();
  }
};

/** Asks until the answer is as wanted. Throws when that takes too long. */
const eventually = async <Value>(ask: () => Promise<Value>, isWanted: (value: Value) => boolean): Promise<Value> => {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const value = await ask();
    if (isWanted(value)) return value;
    if (Date.now() > deadline) throw new Error('It did not come true in time.');
    await new Promise((again) => setTimeout(again, 10));
  }
};

/** Where the log of a tenant ends, and how far the losses of deleted members are recorded. */
const progress = async (system: RunningSystem, { id }: TenantClient): Promise<{ head: number; recorded: number }> => {
  const [row] = await asOwner(
    system,
    `SELECT h.sequence AS head, c.sequence AS recorded FROM tenant_heads h
      LEFT JOIN process_checkpoints c ON c.tenant_id = h.tenant_id AND c.process = 'membership-reaper'
     WHERE h.tenant_id = $1`,
    id,
  );
  return { head: Number(row?.['head']), recorded: Number(row?.['recorded']) };
};

/** The tenant's own schema is known to every process a few seconds after it came. */
const knowsSchema = (tenant: TenantClient) =>
  eventually(
    () => tenant.get(`/Schemas/${URN}`),
    ({ status }) => status === 200,
  );

const onlyInOne = (some: Iterable<unknown>, others: Iterable<unknown>): readonly string[] => {
  const [a, b] = [some, others].map((all) => new Set([...all].map((one) => JSON.stringify(one))));
  return a === undefined || b === undefined ? [] : [...a.symmetricDifference(b)];
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-export-'));
  file = join(folder, 'acme.ndjson.gz');
  [there, here] = await Promise.all([startSystem('one process'), startSystem('one process')]);
  acme = await TenantClient.create(there);
  await live(acme);
  await eventually(
    () => progress(there, acme), // so that the export holds the losses that followed the deletions
    ({ head, recorded }) => recorded === head,
  );
  await rollcall(there, 'export', '--tenant', acme.id, '--out', file);
});

afterAll(async () => {
  await Promise.all([there, here].map((system) => system.stop()));
  await rm(folder, { recursive: true });
});

describe('an export of a tenant', () => {
  it('is for its owner alone, and holds nothing of who was erased', async () => {
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = gunzipSync(await readFile(file)).toString('utf8');
    expect(text).toContain('"userName":"user3"');
    expect(text).not.toContain('"userName":"user2"');
  });

  it('never overwrites a file', async () => {
    await expect(rollcall(there, 'export', '--tenant', acme.id, '--out', file)).rejects.toThrow('EEXIST');
  });

  it('needs a tenant that exists', async () => {
    await expect(rollcall(there, 'export', '--tenant', 'nobody')).rejects.toThrow('There is no tenant nobody.');
  });
});

describe('an import into another installation, with keys of its own', () => {
  it('shows clients and applications the same tenant', async () => {
    const tenant = await TenantClient.create(here);
    expect(await rollcall(here, 'import', '--tenant', tenant.id, '--in', file)).toContain('The import is complete');
    await knowsSchema(tenant);
    const expected = await shown(acme);
    expect(expected).toHaveLength(USERS - 2 + 1 + 2);
    expect(onlyInOne(await shown(tenant), expected)).toEqual([]);
    // Everybody: 2,000 but two who are gone; Nested: 1.
    const records = expected.length + BIG_GROUP - 2 + 1;
    expect(onlyInOne(await compacted(here, tenant, records), await compacted(there, acme, records))).toEqual([]);
  });

  it('that is killed goes on when it is run again, into a tenant with a life of its own', async () => {
    const tenant = await TenantClient.create(here);
    await tenant.group('Ours', [await tenant.user('ours')]);
    const before = await shown(tenant);
    const begun = beginCommand(here, ['import', '--tenant', tenant.id, '--in', file]);
    await eventually(
      () => progress(here, tenant),
      ({ head }) => head > 600,
    );
    await begun.end('SIGKILL');
    const again = await rollcall(here, 'import', '--tenant', tenant.id, '--in', file);
    expect(again).toMatch(/The import is complete: \d+ events were written\. \d+ were there already\./);
    await knowsSchema(tenant);
    expect(onlyInOne(await shown(tenant), [...before, ...(await shown(acme))])).toEqual([]);
    expect((await tenant.send('POST', '/Users', { schemas: [USER], userName: 'NEWNAME' })).status).toBe(409);
    expect(await rollcall(here, 'import', '--tenant', tenant.id, '--in', file)).toContain(': 0 events were written.');
  });

  it('of a broken file writes nothing and says in which line it breaks', async () => {
    const tenant = await TenantClient.create(here);
    const text = gunzipSync(await readFile(file)).toString('utf8');
    const broken = join(folder, 'broken.ndjson');
    await writeFile(broken, text.slice(0, text.length / 2));
    await expect(rollcall(here, 'import', '--tenant', tenant.id, '--in', broken)).rejects.toThrow(
      /rollcall: Line \d+: .*cut off/,
    );
    expect((await tenant.get('/Users?count=0')).body.totalResults).toBe(0);
  });
});
