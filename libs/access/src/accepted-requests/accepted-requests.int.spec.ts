import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg, { type Pool } from 'pg';
import { encryptionMigrations, EnvelopeSealer, LocalMasterKey, PostgresKeyStore } from '#encryption';
import { eventLogMigrations } from '#event-store-postgres';
import { createServicePool, TenantDatabase } from '#postgres';
import { createTestDatabase, type TestDatabase } from '#testing';
import { AcceptedRequests, TooManyWaiting, type NewRequest } from './accepted-requests.js';
import { AddAcceptedRequests1795297971618 } from './add-accepted-requests.migration.js';

let testDatabase: TestDatabase;
let pool: Pool;
let owner: Pool;
let requests: AcceptedRequests;
const options = { mostWaiting: 3, leaseSeconds: 600, resultsKeptSeconds: 600 };

beforeAll(async () => {
  testDatabase = await createTestDatabase([
    ...eventLogMigrations,
    ...encryptionMigrations,
    AddAcceptedRequests1795297971618,
  ]);
  pool = createServicePool({ url: testDatabase.ownerUrl, applicationName: 'test' });
  owner = new pg.Pool({ connectionString: testDatabase.ownerUrl, max: 1 });
  const database = new TenantDatabase(pool);
  const masterKey = new LocalMasterKey(randomBytes(32).toString('base64'));
  requests = new AcceptedRequests(database, new EnvelopeSealer(new PostgresKeyStore(database), masterKey), options);
});
afterAll(async () => {
  await Promise.all([pool.end(), owner.end()]);
  await testDatabase.drop();
});
beforeEach(async () => {
  for (const table of ['accepted_requests', 'request_queues', 'subject_keys'])
    await owner.query(`DELETE FROM ${table}`);
});

let last = 0;
const request = (change: Partial<NewRequest> = {}): NewRequest => ({
  tenantId: 'acme',
  txn: `txn-${(last += 1)}`,
  lane: 'okta',
  content: { userName: 'bjensen' },
  takes: false,
  ...change,
});
const accepted = async (change: Partial<NewRequest> = {}) => {
  const made = request(change);
  await requests.accept(made);
  return made;
};
const taken = async (tenantId = 'acme') => {
  const found = await requests.take(tenantId);
  if (found === undefined) throw new Error('There was nothing to take.');
  return found;
};
const leasesEnd = () => owner.query(`UPDATE accepted_requests SET leased_until = now() - interval '1 s'`);
const rows = async (): Promise<unknown> =>
  (await owner.query('SELECT * FROM accepted_requests, subject_keys, request_queues')).rows;

describe('an accepted request', () => {
  it('waits, is taken once, and leaves its result', async () => {
    const { txn } = await accepted();
    expect(await requests.status('acme', txn)).toEqual({ state: 'waiting' });
    expect([...(await requests.waiting())]).toEqual([['acme', 1]]);
    const mine = await taken();
    expect(mine).toMatchObject({ txn, content: { userName: 'bjensen' }, leaseNumber: 1, attempts: 1 });
    expect(await requests.take('acme')).toBeUndefined();
    await requests.complete(mine, { status: '201' });
    expect(await requests.status('acme', txn)).toEqual({ state: 'done', result: { status: '201' } });
    expect(await requests.waiting()).toEqual(new Map());
  });

  it('is taken at once by who accepts it, when nothing is before it', async () => {
    expect(await requests.accept(request({ takes: true }))).toBe(true);
    expect(await requests.take('acme')).toBeUndefined();
    expect(await requests.accept(request({ takes: true }))).toBe(false);
    expect(await requests.accept(request({ takes: true, lane: 'entra' }))).toBe(true);
  });

  it('whose holder died is taken over, and says so', async () => {
    await accepted();
    const first = await taken();
    await leasesEnd();
    const second = await taken();
    expect(second).toMatchObject({ txn: first.txn, leaseNumber: 2, attempts: 2 });
    expect([await requests.renew(first), await requests.renew(second)]).toEqual([false, true]);
    await requests.complete(second, { status: '200' });
    await requests.complete(first, { status: '500' });
    expect(await requests.status('acme', first.txn)).toMatchObject({ result: { status: '200' } });
    expect(await requests.waiting()).toEqual(new Map());
  });

  it('that is postponed is tried again later, and was not an attempt', async () => {
    await accepted();
    await requests.postpone(await taken(), 600);
    expect(await requests.take('acme')).toBeUndefined();
    await leasesEnd();
    expect(await taken()).toMatchObject({ leaseNumber: 2, attempts: 1 });
  });

  it('waits for those of its lane that were accepted before it, and for no others', async () => {
    const [first, second] = [await accepted(), await accepted()];
    const other = await accepted({ lane: 'entra' });
    const [one, two] = [await taken(), await taken()];
    expect([one.txn, two.txn]).toEqual([first.txn, other.txn]);
    expect(await requests.take('acme')).toBeUndefined();
    await requests.complete(one, {});
    expect((await taken()).txn).toBe(second.txn);
  });

  it('is never taken twice by many who look at once', async () => {
    await Promise.all(['a', 'b', 'c'].map((lane) => accepted({ lane })));
    const found = await Promise.all(Array.from({ length: 10 }, () => requests.take('acme')));
    expect(found.flatMap((one) => one?.txn ?? []).sort()).toHaveLength(3);
    expect(new Set(found.flatMap((one) => one?.txn ?? [])).size).toBe(3);
  });

  it('is one too many when as many wait as may, of that tenant', async () => {
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => requests.accept(request())));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toBeInstanceOf(TooManyWaiting);
    await expect(requests.accept(request({ tenantId: 'globex' }))).resolves.toBe(false);
    await requests.complete(await taken(), {});
    await expect(requests.accept(request())).resolves.toBe(false);
  });

  it('R125 is unknown to another tenant', async () => {
    const { txn } = await accepted();
    expect(await requests.status('globex', txn)).toEqual({ state: 'unknown' });
    expect(await requests.take('globex')).toBeUndefined();
    await requests.complete({ ...(await taken()), tenantId: 'globex' }, {});
    expect(await requests.status('acme', txn)).toEqual({ state: 'waiting' });
  });

  it('is nowhere in the clear, and its body is gone when it is done', async () => {
    const { txn } = await accepted();
    expect(JSON.stringify(await rows())).not.toContain('bjensen');
    await requests.complete(await taken(), { bulkId: 'bjensen' });
    expect(JSON.stringify(await rows())).not.toContain('bjensen');
    const { rows: kept } = await owner.query('SELECT sealed_request FROM accepted_requests WHERE txn = $1', [txn]);
    expect(kept).toEqual([{ sealed_request: null }]);
  });

  it('is purged with its key when its result was kept long enough, not before', async () => {
    const { txn } = await accepted();
    const waiting = await accepted();
    await requests.complete(await taken(), {});
    await requests.purge();
    expect(await requests.status('acme', txn)).toMatchObject({ state: 'done' });
    await owner.query(`UPDATE accepted_requests SET completed_at = completed_at - interval '11 min'`);
    await owner.query(`UPDATE request_queues SET purge_at = purge_at - interval '11 min'`);
    await requests.purge();
    expect(await requests.status('acme', txn)).toEqual({ state: 'unknown' });
    expect(await requests.status('acme', waiting.txn)).toEqual({ state: 'waiting' });
    const { rows: keys } = await owner.query('SELECT subject_id FROM subject_keys');
    expect(keys).toEqual([{ subject_id: `request:${waiting.txn}` }]);
  });
});
