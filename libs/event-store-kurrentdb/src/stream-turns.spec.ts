import { expect, it } from '@jest/globals';
import { StreamTurns } from './stream-turns.js';

const step = () => new Promise<void>((resolve) => setImmediate(resolve));

it('work on one stream never overlaps, whatever fails, and no two wait for each other', async () => {
  const turns = new StreamTurns();
  const busy = new Set<string>();
  const done: number[] = [];
  await Promise.allSettled(
    Array.from({ length: 60 }, (_, n) => {
      const streams = n % 2 === 0 ? ['a', `b-${n % 3}`] : [`b-${n % 3}`, 'a', 'c'];
      return turns.run(streams, async () => {
        for (const stream of streams) {
          expect(busy.has(stream)).toBe(false);
          busy.add(stream);
        }
        await step();
        for (const stream of streams) busy.delete(stream);
        done.push(n);
        if (n % 5 === 0) throw new Error('failed');
      });
    }),
  );
  expect(done).toHaveLength(60);
});

it('work on other streams goes on beside it', async () => {
  const turns = new StreamTurns();
  let finish = () => {};
  const long = turns.run(['a'], () => new Promise<void>((resolve) => (finish = resolve)));
  await expect(turns.run(['b'], async () => 'done')).resolves.toBe('done');
  finish();
  await long;
});
