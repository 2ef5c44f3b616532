import { expect, it } from '@jest/globals';
import { TableStatistics } from './table-statistics.js';

const counting = (fails = false) => {
  const asked: unknown[] = [];
  const errors: unknown[] = [];
  const query = (text: unknown) => {
    asked.push(text);
    return fails ? Promise.reject(new Error('refused')) : Promise.resolve();
  };
  const statistics = new TableStatistics({ query } as never, (error) => errors.push(error));
  return { statistics, asked, errors };
};

it('gathers after the first 500 events, then each time the tables have grown fourfold', async () => {
  const { statistics, asked } = counting();
  const seen: number[] = [];
  for (let applied = 100; applied <= 10_000; applied += 100) {
    statistics.grew(100);
    await statistics.close();
    if (asked.length > seen.length) seen.push(applied);
  }
  expect(seen).toEqual([500, 2000, 8000]);
});

it('gathers anew when something was erased, once for many, and at the end at the latest', async () => {
  const { statistics, asked } = counting();
  for (let i = 0; i < 100; i += 1) statistics.erased();
  await statistics.close();
  expect(asked).toHaveLength(1);
});

it('goes on when the database refuses', async () => {
  const { statistics, errors } = counting(true);
  statistics.grew(500);
  await statistics.close();
  expect(errors).toHaveLength(1);
});
