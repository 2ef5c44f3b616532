import { beforeEach, describe, expect, it } from '@jest/globals';
import { RefusalRecorder } from './refusal-recorder.js';
import type { RefusedRequest } from './refused-requests.js';

const refusal = (change: Partial<RefusedRequest> = {}): RefusedRequest => ({
  time: new Date(0),
  requestId: 'r',
  actor: { kind: 'token', id: 'okta' },
  method: 'POST',
  resourceType: 'User',
  resourceId: undefined,
  status: 409,
  scimType: 'uniqueness',
  code: 'claim-taken',
  times: 1,
  ...change,
});

let written: [string, RefusedRequest[]][];
let dropped: number;
let failure: Error | undefined;
let recorder: RefusalRecorder;

beforeEach(() => {
  [written, dropped, failure] = [[], 0, undefined];
  const add = async (tenantId: string, refusals: readonly RefusedRequest[]) => {
    if (failure !== undefined) throw failure;
    written.push([tenantId, [...refusals]]);
  };
  recorder = new RefusalRecorder(
    { add, purge: async () => undefined },
    { mostWaiting: 3, onDropped: (count) => (dropped += count) },
  );
});

describe('refusals', () => {
  it('are written in one batch a tenant', async () => {
    for (const tenant of ['acme', 'globex', 'acme']) recorder.note(tenant, refusal());
    await recorder.flush();
    await recorder.flush();
    expect(written.map(([tenant, refusals]) => [tenant, refusals.length])).toEqual([
      ['acme', 2],
      ['globex', 1],
    ]);
  });

  it('that are alike and come in floods are counted, by who asked for what', async () => {
    const flood = { status: 429, scimType: undefined, code: 'too-many-requests' };
    for (let n = 0; n < 1000; n += 1) recorder.note('acme', refusal({ ...flood, time: new Date(n) }));
    recorder.note('acme', refusal({ ...flood, method: 'PUT' }));
    recorder.note('globex', refusal(flood));
    await recorder.flush();
    const rows = written.map(([tenant, refusals]) => [tenant, refusals.map(({ method, times }) => [method, times])]);
    expect(rows).toEqual([
      [
        'acme',
        [
          ['POST', 1000],
          ['PUT', 1],
        ],
      ],
      ['globex', [['POST', 1]]],
    ]);
    expect(dropped).toBe(0);
  });

  it('beyond what may wait are dropped and counted, and there is room again afterwards', async () => {
    for (let n = 0; n < 5; n += 1) recorder.note('acme', refusal());
    expect(dropped).toBe(2);
    await recorder.flush();
    recorder.note('acme', refusal());
    await recorder.close();
    expect([written.flatMap(([, refusals]) => refusals).length, dropped]).toEqual([4, 2]);
  });

  it('that cannot be written are dropped and counted', async () => {
    failure = new Error('down');
    recorder.note('acme', refusal());
    recorder.note('acme', refusal({ status: 429, times: 7 }));
    await recorder.flush();
    expect(dropped).toBe(8);
  });
});
