import { describe, expect, it, jest } from '@jest/globals';
import { KeyedQueue, type Outcome } from './keyed-queue.js';

/** Work that ends when the test says so. */
const steered = () => {
  const begun: string[] = [];
  const ends: ((outcome: Outcome) => void)[] = [];
  const work = (key: string): Promise<Outcome> => {
    begun.push(key);
    return new Promise((resolve) => ends.push(resolve));
  };
  const endFirst = async (outcome?: Outcome): Promise<void> => {
    ends.shift()?.(outcome);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { begun, work, endFirst };
};

describe('a queue of work by key', () => {
  it('works on several keys at a time, no more than it may', async () => {
    const { begun, work, endFirst } = steered();
    const queue = new KeyedQueue(2, work);
    for (const key of ['a', 'b', 'c']) queue.add(key);
    expect(begun).toEqual(['a', 'b']);
    await endFirst();
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('never works twice on one key at once, and once more when news came meanwhile', async () => {
    const { begun, work, endFirst } = steered();
    const queue = new KeyedQueue(4, work);
    queue.add('a');
    queue.add('a');
    queue.add('a');
    expect(begun).toEqual(['a']);
    await endFirst();
    expect(begun).toEqual(['a', 'a']);
    await endFirst();
    expect(begun).toEqual(['a', 'a']);
  });

  it('a key that asked for a pause waits, whatever news there is, and then goes on by itself', async () => {
    const { begun, work, endFirst } = steered();
    const queue = new KeyedQueue(1, work);
    queue.add('a');
    await endFirst({ againAfterMs: 5 });
    queue.add('a');
    expect(begun).toEqual(['a']);
    while (begun.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(begun).toEqual(['a', 'a']);
  });

  it('looks at a key again by itself, or at once when news comes first', async () => {
    const { begun, work, endFirst } = steered();
    const queue = new KeyedQueue(1, work);
    queue.add('a');
    await endFirst({ lookAfterMs: 60_000 });
    queue.add('a');
    expect(begun).toEqual(['a', 'a']);
    await endFirst({ lookAfterMs: 2 });
    while (begun.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    await endFirst();
    await queue.stop();
  });

  it('does not look again while others wait', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    const { begun, work, endFirst } = steered();
    const queue = new KeyedQueue(1, work);
    queue.add('a');
    queue.add('b');
    await endFirst({ lookAfterMs: 1 });
    jest.advanceTimersByTime(1000);
    await endFirst();
    jest.useRealTimers();
    expect(begun).toEqual(['a', 'b']);
  });

  it('stops when what is begun is done, and begins nothing more', async () => {
    const { begun, work, endFirst } = steered();
    const queue = new KeyedQueue(1, work);
    queue.add('a');
    queue.add('b');
    let stopped = false;
    const stopping = queue.stop().then(() => (stopped = true));
    await Promise.resolve();
    expect(stopped).toBe(false);
    await endFirst();
    await stopping;
    queue.add('c');
    expect(begun).toEqual(['a']);
  });
});
