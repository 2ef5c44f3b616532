import { expect, it } from '@jest/globals';
import { LeastRecentlyUsed } from './least-recently-used.js';

it('forgets what was not used for longest, where reading and writing are both use', () => {
  const cache = new LeastRecentlyUsed<number>(3);
  for (const key of ['a', 'b', 'c']) cache.set(key, 1);
  cache.get('a');
  cache.set('b', 2);
  cache.set('d', 1);
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual([1, 2, undefined, 1]);
});

it('forgets on demand', () => {
  const cache = new LeastRecentlyUsed<number>(3);
  cache.set('a', 1);
  expect([cache.delete('a'), cache.delete('a')]).toEqual([true, false]);
  expect(cache.get('a')).toBeUndefined();
  cache.set('b1', 1);
  cache.set('b2', 2);
  cache.set('c', 3);
  cache.deleteWhere((key) => key.startsWith('b'));
  expect(['b1', 'b2', 'c'].map((key) => cache.get(key))).toEqual([undefined, undefined, 3]);
});
