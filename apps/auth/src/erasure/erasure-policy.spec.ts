import { expect, it } from '@jest/globals';
import type { StoredEvent } from '#event-sourcing';
import { ErasurePolicyWork } from './erasure-policy.js';

const DAY_MS = 86_400_000;
const start = Date.parse('2026-11-21T12:00:00Z');
const day = (n: number) => new Date(start + n * DAY_MS);
const metadata = { actor: { kind: 'token', id: 't' }, requestId: 'r', correlationId: 'c', txn: 'x' } as const;

/** A log with one event a day, and what the work does with it. */
const scene = (types: readonly string[]) => {
  const events = types.map((type, i): StoredEvent => {
    const name = `${type.startsWith('Group') ? 'group' : 'user'}-acme+r${i}`;
    const place = { tenantId: 'acme', sequence: i + 1, streamName: name, revision: 1, id: `e${i}` };
    return { ...place, type, schemaVersion: 1, data: {}, metadata, time: day(i) };
  });
  const seen = { erased: [] as string[], reads: 0, checkpoint: 0, held: true };
  const work = () =>
    new ErasurePolicyWork({
      log: {
        readTenant: async (_, after, limit) => {
          seen.reads += 1;
          return events.slice(after, after + limit);
        },
      },
      erasure: {
        erase: async ({ resourceId, force }) => {
          if (force) throw new Error('Only what is deleted is erased.');
          seen.erased.push(resourceId);
          return undefined;
        },
      },
      checkpoints: {
        take: async () => (seen.held ? seen.checkpoint : undefined),
        move: async (_, sequence) => {
          seen.checkpoint = sequence;
          return true;
        },
      },
      onErased: () => undefined,
    });
  return { events, seen, work };
};
const policy = { tenantId: 'acme', days: 30 };

it('erases users and groups so many days after their deletion, each once, in the order of the log', async () => {
  const { seen, work } = scene(['UserCreated', 'UserDeleted', 'GroupDeleted', 'UserDeactivated', 'UserDeleted']);
  const one = work();
  await one.run(policy, day(30.9));
  expect([seen.erased, seen.checkpoint]).toEqual([[], 1]);
  await one.run(policy, day(32));
  expect([seen.erased, seen.checkpoint]).toEqual([['r1', 'r2'], 3]);
  await one.run(policy, day(40));
  await one.run(policy, day(400));
  expect([seen.erased, seen.checkpoint]).toEqual([['r1', 'r2', 'r4'], 5]);
});

it('goes on in another process, and leaves a tenant alone that another process has', async () => {
  const { seen, work } = scene(['UserDeleted', 'UserDeleted']);
  seen.held = false;
  await work().run(policy, day(40));
  expect(seen.erased).toEqual([]);
  seen.held = true;
  await work().run(policy, day(30));
  await work().run(policy, day(31));
  expect(seen.erased).toEqual(['r0', 'r1']);
});

it('does not ask again before something may be due, and does so within an hour or when the policy changes', async () => {
  const { seen, work } = scene(['UserCreated', 'UserDeleted']);
  const one = work();
  await one.run(policy, day(30.5));
  const { reads } = seen;
  for (let i = 0; i < 10; i += 1) await one.run(policy, day(30.51));
  expect(seen.reads).toBe(reads);
  await one.run(policy, day(30.6));
  expect(seen.reads).toBe(reads + 1);
  await one.run({ ...policy, days: 7 }, day(30.6));
  expect(seen.erased).toEqual(['r1']);
});

it('of none days erases at once', async () => {
  const { seen, work } = scene(['UserDeleted']);
  await work().run({ ...policy, days: 0 }, day(0));
  expect(seen.erased).toEqual(['r0']);
});
