import { expect, it } from '@jest/globals';
import { edgeWrite, write } from '#testing';
import { prepareAppend, type AppendOutcome, type PreparedAppend } from './append-batch.js';
import { AppendQueue } from './append-queue.js';

/** A queue whose batches end when the test says so. */
const makeQueue = (options: { maxBatch?: number; maxBatchBytes?: number; maxInFlight?: number } = {}) => {
  const { maxBatch = 10, maxBatchBytes = 1e6, maxInFlight = 1 } = options;
  const batches: string[][] = [];
  const ends: (() => void)[] = [];
  const queue = new AppendQueue(
    async (batch): Promise<readonly AppendOutcome[]> => {
      batches.push(batch.map(({ request }) => request.streams.map(({ streamName }) => streamName).join('+')));
      await new Promise<void>((resolve) => ends.push(resolve));
      return batch.map(({ request }) => ({
        appended: request.streams.map((s) => ({ ...s, revision: 0, sequence: 1 })),
      }));
    },
    { maxBatch, maxBatchBytes, maxInFlight },
  );
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const end = async () => {
    ends.splice(0).forEach((resolve) => resolve());
    await turn();
    await turn();
  };
  return { queue, batches, turn, end };
};

const of = (streams: readonly string[], guards: readonly string[] = []): PreparedAppend =>
  prepareAppend(
    {
      streams: streams.map((name) => write('t', name, 'any', 1)),
      guards: guards.map((streamName) => ({ tenantId: 't', streamName })),
    },
    { maxRequestBytes: 1e6 },
  );

it('what arrives in one turn is one batch, and what arrives while it is under way the next', async () => {
  const { queue, batches, turn, end } = makeQueue();
  void queue.push(of(['a']));
  void queue.push(of(['b']));
  await turn();
  void queue.push(of(['c']));
  void queue.push(of(['d']));
  await turn();
  expect(batches).toEqual([['a', 'b']]);
  await end();
  expect(batches).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

it('requests that depend on each other go into batches of their own, in order; those between do not wait', async () => {
  const { queue, batches, turn, end } = makeQueue();
  for (const append of [
    of(['a']),
    of(['a', 'x']),
    of(['b'], ['a']),
    of(['c']),
    of(['d'], ['c']),
    of(['e'], ['z']),
    of(['f'], ['z']),
  ])
    void queue.push(append);
  await turn();
  await end();
  await end();
  expect(batches).toEqual([['a', 'c', 'e', 'f'], ['a+x', 'd'], ['b']]);
});

it('several batches may be under way, each no longer and no larger than allowed', async () => {
  const { queue, batches, turn } = makeQueue({ maxBatch: 2, maxInFlight: 2 });
  for (const name of ['a', 'b', 'c', 'd', 'e']) void queue.push(of([name]));
  await turn();
  await turn();
  expect(batches).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  const small = makeQueue({ maxBatchBytes: 1 });
  void small.queue.push(of(['a']));
  void small.queue.push(of(['b']));
  await small.turn();
  expect(small.batches).toEqual([['a']]);
});

it('a batch that is alone takes every tenant; beside it each takes tenants of its own, and those of one tenant go into all', async () => {
  let last = 0;
  const of = (tenant: string) =>
    prepareAppend({ streams: [write(tenant, `${tenant}-${(last += 1)}`, 'any', 1)] }, { maxRequestBytes: 1e6 });
  const tenantsOf = (batch: readonly string[] = []) => new Set(batch.map((name) => name.split('-', 1)[0]));
  const many = makeQueue({ maxInFlight: 3, maxBatch: 100 });
  const pushAll = () => Array.from({ length: 40 }, (_, i) => void many.queue.push(of(`tenant${i % 20}`)));
  pushAll();
  await many.turn();
  expect(tenantsOf(many.batches[0]).size).toBe(20);
  pushAll();
  for (let i = 0; i < 3; i += 1) await many.turn();
  const [, second, third] = many.batches.map(tenantsOf);
  expect(second?.isDisjointFrom(third ?? new Set())).toBe(true);
  expect((second?.size ?? 0) + (third?.size ?? 0)).toBeLessThan(20); // the rest waits for the lane that is under way
  await many.end();
  expect(many.batches.flat()).toHaveLength(80);
  const one = makeQueue({ maxInFlight: 3, maxBatch: 2 });
  for (let i = 0; i < 6; i += 1) void one.queue.push(of('tenant'));
  for (let i = 0; i < 3; i += 1) await one.turn();
  expect(one.batches.map(({ length }) => length)).toEqual([2, 2, 2]);
});

it('is drained when everything was answered', async () => {
  const { queue, turn, end } = makeQueue();
  await queue.drained();
  const answered = queue.push(of(['a']));
  await turn();
  const drained = queue.drained();
  await end();
  await Promise.all([answered, drained]);
});

it('a request is measured by the JSON of its events', () => {
  const request = { streams: [edgeWrite('t', 'g', { kind: 'source-gone', source: 'g' })] };
  expect(() => prepareAppend(request, { maxRequestBytes: 10 })).toThrow(/10 bytes/);
});
