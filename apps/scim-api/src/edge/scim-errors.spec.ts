import { expect, it } from '@jest/globals';
import { scimErrorAnswer } from './scim-errors.js';

const failure = (message: string, code?: string): Error => Object.assign(new Error(message), { code });

it.each([
  ['a connection that breaks in the middle of a statement', failure('Connection terminated unexpectedly')],
  ['a server that is not there', failure('connect ECONNREFUSED 127.0.0.1:5432', 'ECONNREFUSED')],
  ['a server that starts again', failure('the database system is in recovery mode', '57P03')],
  ['a server that has no connection left', failure('sorry, too many clients already', '53300')],
  ['a session ended by an operator', failure('terminating connection due to administrator command', '57P01')],
])('%s is answered 503 with Retry-After, not 500: the client may try again', (_, error) => {
  const { status, headers, body } = scimErrorAnswer(error);
  expect({ status, headers }).toEqual({ status: 503, headers: { 'retry-after': '1' } });
  expect(JSON.stringify(body)).not.toContain(error.message);
});

it('a fault of our own stays 500', () => {
  expect(scimErrorAnswer(failure('duplicate key value', '23505')).status).toBe(500);
  expect(scimErrorAnswer(new TypeError('undefined is not a function')).status).toBe(500);
});
