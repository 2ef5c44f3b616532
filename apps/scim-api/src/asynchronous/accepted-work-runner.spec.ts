import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Logger } from 'pino';
import type { KnownTenant, TakenRequest, TokenDirectory } from '#access';
import { DomainError, EventLogUnavailable, InMemoryEventLog } from '#event-sourcing';
import { bulkResponse } from '#scim';
import { defaultSettings } from '#tenancy';
import type { BulkJobs } from '../bulk/bulk-jobs.js';
import { ScimUrls } from '../edge/scim-urls.js';
import type { RefusalLog } from '../refusals/refusal-log.js';
import type { RepeatableCreation } from '../resources/repeatable-creation.js';
import type { ResourceEndpoints } from '../resources/resource-endpoints.js';
import { AcceptedWorkRunner, NotNow } from './accepted-work-runner.js';
import { newTxn, type AcceptedWork } from './accepted-work.js';

const txn = newTxn();
const taken: TakenRequest = { tenantId: 'acme', txn, content: {}, acceptedAt: new Date(), leaseNumber: 1, attempts: 1 };
const patch: AcceptedWork = {
  method: 'PATCH',
  endpoint: 'Users',
  id: 'u1',
  body: {},
  options: {},
  metadata: { actor: { kind: 'token', id: 't' }, requestId: 'r', correlationId: 'r', txn },
};
const bulk: AcceptedWork = { ...patch, method: 'POST', endpoint: 'Bulk', id: undefined };

let tenant: KnownTenant | undefined;
let refusal: Error | undefined;
let statuses: readonly number[];
let noted: number[];

beforeEach(() => {
  tenant = { tenantId: 'acme', status: 'active', settings: defaultSettings, schemasRevision: 0 };
  [refusal, statuses, noted] = [undefined, [], []];
});

const runner = () => {
  const answered = async () => {
    if (refusal !== undefined) throw refusal;
    return { status: 200, etag: 'W/"3"' };
  };
  const endpoints = { of: async () => new Map([['Users', { patch: answered }]]) } as unknown as ResourceEndpoints;
  const jobs = {
    parse: () => undefined,
    run: async () => bulkResponse(statuses.map((status) => ({ method: 'POST', status }))),
  } as unknown as BulkJobs;
  return new AcceptedWorkRunner(
    endpoints,
    jobs,
    {} as RepeatableCreation,
    new InMemoryEventLog(),
    { note: (_write: unknown, _error: unknown, status: number) => noted.push(status) } as unknown as RefusalLog,
    { tenant: async () => tenant } as unknown as TokenDirectory,
    new ScimUrls('https://id.example'),
    { error: () => undefined } as unknown as Logger,
  );
};
const run = (work = patch, change: Partial<TakenRequest> = {}, guard = () => undefined) =>
  runner().run({ ...taken, ...change }, work, guard);
const location = 'https://id.example/t/acme/scim/v2/Users/u1';

describe('accepted work', () => {
  it('that is done tells status, place and version', async () => {
    const { result } = await run();
    expect(result.Operations).toEqual([{ method: 'PATCH', status: '200', version: 'W/"3"', location }]);
  });

  it('X9 that is refused tells the error in full, and is noted', async () => {
    refusal = new DomainError('resource-not-found', 'There is none.');
    const { result, answer } = await run();
    expect(result.Operations).toMatchObject([
      { method: 'PATCH', status: '404', location, response: { status: '404' } },
    ]);
    expect([answer, noted]).toEqual([{ refused: refusal }, [404]]);
  });

  it('is put off, not refused, while the log is out of reach', async () => {
    refusal = new EventLogUnavailable('down');
    await expect(run()).rejects.toThrow(NotNow);
    expect(noted).toEqual([]);
  });

  it('of a bulk request is put off whole when an operation was', async () => {
    statuses = [201, 503];
    await expect(run(bulk)).rejects.toThrow(NotNow);
    statuses = [201, 409];
    expect((await run(bulk)).result.Operations.map(({ status }) => status)).toEqual(['201', '409']);
  });

  it('of a tenant that was suspended meanwhile is refused', async () => {
    if (tenant !== undefined) tenant = { ...tenant, status: 'suspended' };
    expect((await run()).result.Operations).toMatchObject([{ status: '403' }]);
  });

  it('over which five processes died is given up', async () => {
    expect((await run(patch, { leaseNumber: 9, attempts: 5 })).result.Operations).toMatchObject([{ status: '200' }]);
    expect((await run(patch, { leaseNumber: 9, attempts: 6 })).result.Operations).toMatchObject([{ status: '500' }]);
  });

  it('that is another’s by now has no outcome here', async () => {
    refusal = new DomainError('resource-not-found', 'There is none.');
    const lost = new Error('lost');
    const guard = () => {
      throw lost;
    };
    await expect(run(patch, {}, guard)).rejects.toBe(lost);
  });
});
