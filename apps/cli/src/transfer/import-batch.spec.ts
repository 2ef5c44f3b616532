import { expect, it } from '@jest/globals';
import { someMetadata } from '#testing';
import { ImportBatch, type Step } from './import-batch.js';
import type { ImportedResource } from './imported-resource.js';

const holding = (revision: number, ...names: readonly string[]): ImportedResource => ({
  folded: { state: {}, revision, createdAt: undefined, changedAt: undefined },
  claims: names.map((value) => ({ kind: 'username', value })),
  erased: false,
});

const step = (id: string, before: ImportedResource, after: ImportedResource, size = 100): Step => ({
  tenantId: 'acme',
  streamName: `user-acme+${id}`,
  resourceId: id,
  pending: { event: { type: 'UserCreated', data: {} }, metadata: someMetadata() },
  line: 1,
  size,
  before,
  after,
  closes: false,
});
const created = (id: string, name: string) => step(id, holding(-1), holding(0, name));
const renamed = (id: string, from: string, to: string) => step(id, holding(0, from), holding(1, to));
const touched = (id: string, revision: number) => step(id, holding(revision - 1), holding(revision));

const batchOf = (...steps: readonly Step[]): ImportBatch => {
  const batch = new ImportBatch();
  for (const one of steps) batch.add(one);
  return batch;
};

it('takes events of many streams, and several of the last one', () => {
  const batch = batchOf(created('u1', 'a'), created('u2', 'b'));
  expect(batch.admits(renamed('u2', 'b', 'c'))).toBe(true);
  expect(batch.admits(created('u3', 'c'))).toBe(true);
});

it('does not go back to a stream: what stands between would change its place', () =>
  expect(batchOf(touched('u1', 1), touched('u2', 1)).admits(touched('u1', 2))).toBe(false));

it('moves a name but once: who takes what another lets go comes with the next append', () => {
  const batch = batchOf(renamed('u1', 'a', 'b'));
  expect(batch.admits(created('u2', 'a'))).toBe(false);
  expect(batch.admits(created('u2', 'b'))).toBe(false);
  expect(batch.admits(created('u2', 'c'))).toBe(true);
});

it('is no larger than any log takes at once, but takes an event of any size alone', () => {
  const large = step('u2', holding(-1), holding(0), 300 * 1024);
  expect(new ImportBatch().admits(large)).toBe(true);
  expect(batchOf(created('u1', 'a')).admits(large)).toBe(false);
});

it('writes the claims that its events come to, on the revision before them', () => {
  const [part] = batchOf(renamed('u1', 'a', 'b'), step('u1', holding(1, 'b'), holding(2, 'c'))).parts();
  expect(part?.write).toMatchObject({ expected: 0, events: { length: 2 } });
  expect(part?.claims).toMatchObject({
    taken: [{ kind: 'username', value: 'c' }],
    released: [{ kind: 'username', value: 'a' }],
    holder: { resourceId: 'u1' },
  });
});
