import { expect, it } from '@jest/globals';
import { planKeys, type KeyTimes } from './key-plan.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const rotation = { useForMs: 90 * DAY, publishAheadMs: DAY, keepForMs: 2 * HOUR };
const day = (n: number) => new Date(n * DAY);
const key = (kid: string, useFrom: Date): KeyTimes => ({ kid, useFrom });
const first = key('first', day(0));
const second = key('second', day(90));

it('the first key is made and used at once', () =>
  expect(planKeys([], day(0), rotation)).toEqual({ signing: undefined, outlived: [], make: day(0) }));

it('one key signs for its time', () =>
  expect(planKeys([first], day(88), rotation)).toEqual({ signing: 'first', outlived: [], make: undefined }));

it('the next key is made a day before it is used', () =>
  expect(planKeys([first], day(89), rotation)).toEqual({ signing: 'first', outlived: [], make: day(90) }));

it('however late a rotation is, a key is never used before it was published for a day', () =>
  expect(planKeys([first], day(200), rotation).make).toEqual(day(201)));

it('while the next one waits, the old one signs and no other is made', () =>
  expect(planKeys([second, first], day(89.5), rotation)).toEqual({ signing: 'first', outlived: [], make: undefined }));

it('the old one stays published until no token of its is alive', () => {
  expect(planKeys([first, second], day(90), rotation)).toEqual({ signing: 'second', outlived: [], make: undefined });
  const later = new Date(90 * DAY + 2 * HOUR);
  expect(planKeys([first, second], later, rotation)).toEqual({
    signing: 'second',
    outlived: ['first'],
    make: undefined,
  });
});
