import { describe, expect, it } from '@jest/globals';
import type { CheckpointWatch } from './checkpoint-watch.js';
import { ReadBarrier, type LogHead, type ReadState } from './read-barrier.js';

/** A barrier whose database shows one state after the other, the last one for ever; waiting takes 10 ms of its clock. */
const barrierOver = (states: readonly Partial<ReadState>[], head: LogHead = 'same-database') => {
  let now = 0;
  let reads = 0;
  const waited: number[] = [];
  const watch: Pick<CheckpointWatch, 'wait'> = {
    wait: async (_tenantId, sequence) => {
      waited.push(sequence);
      now += 10;
    },
  };
  const barrier = new ReadBarrier(watch as CheckpointWatch, { waitMs: 25, head, monotonicMs: () => now });
  const read = () =>
    barrier.read('t', async () => {
      const state = { head: 5, checkpoint: 0, parkedEventId: undefined, ...states[Math.min(reads, states.length - 1)] };
      reads += 1;
      return { state, answer: reads };
    });
  return { read, waited };
};

describe('the read barrier', () => {
  it('lets an answer through whose snapshot has reached the head', async () => {
    const { read, waited } = barrierOver([{ checkpoint: 5 }]);
    expect(await read()).toMatchObject({ answer: 1 });
    expect(waited).toEqual([]);
  });

  it('waits for the head of the first look, not for what others write meanwhile', async () => {
    const { read, waited } = barrierOver([
      { head: 5, checkpoint: 4 },
      { head: 9, checkpoint: 5 },
    ]);
    expect(await read()).toMatchObject({ answer: 2 });
    expect(waited).toEqual([5]);
  });

  it('refuses a stale answer when the time is up', () =>
    expect(barrierOver([{ checkpoint: 4 }]).read()).rejects.toMatchObject({ code: 'read-model-behind' }));

  it('names the event at which the tenant is parked', () =>
    expect(barrierOver([{ checkpoint: 4, parkedEventId: 'e9' }]).read()).rejects.toMatchObject({
      code: 'read-model-parked',
      eventId: 'e9',
    }));

  it('asks a log in another database for its head before it reads', async () => {
    const { read, waited } = barrierOver(
      [
        { head: undefined, checkpoint: 6 },
        { head: undefined, checkpoint: 7 },
      ],
      { head: async () => 7 },
    );
    expect(await read()).toMatchObject({ answer: 2 });
    expect(waited).toEqual([7]);
  });
});
