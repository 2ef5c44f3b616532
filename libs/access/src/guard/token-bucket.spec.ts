import { expect, it } from '@jest/globals';
import { TokenBucket } from './token-bucket.js';

const limit = { perSecond: 10, burst: 20 };
const admitted = (bucket: TokenBucket, nowMs: number, asked: number, rate = limit) =>
  Array.from({ length: asked }, () => bucket.admit(rate, nowMs)).filter((wait) => wait === undefined).length;

it('admits the burst at once, then the rate', () => {
  const bucket = new TokenBucket();
  expect(admitted(bucket, 0, 100)).toBe(20);
  expect(admitted(bucket, 1000, 100)).toBe(10);
  expect(admitted(bucket, 1500, 100)).toBe(5);
});

it('never holds more than the burst', () => {
  const bucket = new TokenBucket();
  expect(admitted(bucket, 0, 1)).toBe(1);
  expect(admitted(bucket, 3_600_000, 100)).toBe(20);
});

it('says how long until the next one', () => {
  const bucket = new TokenBucket();
  admitted(bucket, 0, 20);
  expect(bucket.admit(limit, 0)).toBeCloseTo(0.1);
});

it('a Bulk goes into debt, which is paid before anything else is admitted', () => {
  const bucket = new TokenBucket();
  expect(admitted(bucket, 0, 1)).toBe(1);
  bucket.charge(49); // 30 below zero
  expect(bucket.admit(limit, 0)).toBeCloseTo(3.1);
  expect(admitted(bucket, 3000, 1)).toBe(0);
  expect(admitted(bucket, 3200, 1)).toBe(1);
});

it('a changed setting holds from the next request on', () => {
  const bucket = new TokenBucket();
  admitted(bucket, 0, 20);
  expect(admitted(bucket, 1000, 100, { perSecond: 2, burst: 3 })).toBe(2);
});

it('a clock that goes back admits nothing for it', () => {
  const bucket = new TokenBucket();
  admitted(bucket, 5000, 20);
  expect(admitted(bucket, 4000, 5)).toBe(0);
});
