import { expect, it } from '@jest/globals';
import { validate, version } from 'uuid';
import { createdBy, isTxn, newTxn } from './accepted-work.js';

it('what an operation creates has an id that follows from its txn alone, and is a UUIDv7 of the time of acceptance', () => {
  const txn = newTxn();
  const ids = [txn, `${txn}:0`, `${txn}:1`, newTxn()].map(createdBy);
  expect(new Set([...ids, txn]).size).toBe(5);
  expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true);
  expect(createdBy(`${txn}:1`)).toBe(ids[2]);
  expect(createdBy(txn).slice(0, 13)).toBe(txn.slice(0, 13));
});

it.each([newTxn(), '', `${newTxn()}:0`, 'x', '../Users', newTxn().toUpperCase()])(
  'tells a txn from what is none: %s',
  (text) => expect(isTxn(text)).toBe(/^[\da-f-]{36}$/.test(text)),
);
