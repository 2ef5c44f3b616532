import { describe, expect, it } from '@jest/globals';
import { urns } from '../messages/urns.js';
import { bulkSteps, concurrentSteps } from './bulk-plan.js';
import { parseBulkRequest } from './bulk-request.js';

const request = (operations: readonly object[], failOnErrors?: number) =>
  parseBulkRequest({ schemas: [urns.bulkRequest], Operations: operations, failOnErrors }, { maxOperations: 2000 });

const user = (bulkId: string, data: object = {}) => ({
  method: 'POST',
  path: '/Users',
  bulkId,
  data: { userName: bulkId, ...data },
});
const group = (bulkId: string, ...members: readonly string[]) => ({
  method: 'POST',
  path: '/Groups',
  bulkId,
  data: { displayName: bulkId, members: members.map((member) => ({ value: `bulkId:${member}` })) },
});
const patch = (path: string, value: string) => ({
  method: 'PATCH',
  path,
  data: { Operations: [{ op: 'add', path: 'members', value: [{ value }] }] },
});

/** `0`: run the first; `1-a`: run the second without what refers to a; `1+`: complete it. */
const planOf = (operations: readonly object[]): string =>
  bulkSteps(request(operations))
    .map((step) => (step.kind === 'run' ? [step.index, ...step.without].join('-') : `${step.index}+`))
    .join(' ');

describe('the order of a bulk job', () => {
  it.each<readonly [string, string, readonly object[]]>([
    ['R109 is the order sent', '0 1 2', [user('a'), patch('/Groups/1', '2'), user('b')]],
    ['R107 a reference back needs nothing', '0 1', [user('a'), group('g', 'a')]],
    ['R107 what is referred to is created before', '2 0 1 3', [group('g', 'b'), user('a'), user('b'), user('c')]],
    ['R107 a reference in a path', '1 0', [patch('/Groups/bulkId:g', '7'), group('g')]],
    ['R107 a reference in the data of a PATCH', '1 0', [patch('/Groups/7', 'bulkId:a'), user('a')]],
    ['R107 a chain of references', '2 1 0', [group('g', 'h'), group('h', 'i'), group('i')]],
    ['R107 a reference that nobody creates', '0', [group('g', 'nobody')]],
    ['R108 two groups that hold each other', '1-a 0 1+', [group('a', 'b'), group('b', 'a')]],
    ['R108 a circle of three', '2-a 1 0 2+', [group('a', 'b'), group('b', 'c'), group('c', 'a')]],
    [
      'R108 two circles through one resource',
      '1-a 2-a 0 1+ 2+',
      [group('a', 'b', 'c'), group('b', 'a'), group('c', 'a')],
    ],
    ['R108 a user who is their own manager', '0-a 0+', [user('a', { manager: { value: 'bulkId:a' } })]],
  ])('%s', (_name, plan, operations) => expect(planOf(operations)).toBe(plan));

  it('R104 a refused operation keeps its place', () =>
    expect(planOf([user('a'), { method: 'GET', path: '/Users/1' }, { method: 'POST', path: '/Users' }])).toBe('0 1 2'));

  it('R107 of several with one bulkId the first is meant', () =>
    expect(planOf([group('g', 'x'), group('x'), group('x')])).toBe('1 0 2'));

  it('R107 survives a chain as long as a job can be', () => {
    const chain = Array.from({ length: 1000 }, (_, n) => group(`g${n}`, `g${n + 1}`));
    expect(bulkSteps(request(chain)).map(({ index }) => index)).toEqual(chain.map((_, n) => 999 - n));
  });
});

describe('R109 what may be done at once', () => {
  const batches = (operations: readonly object[], failOnErrors?: number, atMost = 3) => {
    const job = request(operations, failOnErrors);
    return concurrentSteps(job, bulkSteps(job), atMost).map((batch) => batch.map(({ index }) => index).join(' '));
  };

  it.each<readonly [string, readonly string[], readonly object[]]>([
    ['creations of users, as many as are allowed', ['0 1 2', '3'], ['a', 'b', 'c', 'd'].map((name) => user(name))],
    ['not two that want one userName', ['0', '1 2'], [user('a'), user('x', { userName: 'A' }), user('b')]],
    ['nothing across another operation', ['0', '1', '2 3'], [user('a'), patch('/Groups/1', '2'), user('b'), user('c')]],
    ['not what refers to another resource', ['0', '1'], [user('a'), user('b', { manager: { value: 'bulkId:a' } })]],
    ['not groups', ['0', '1'], [group('g'), group('h')]],
    ['not a user without a name', ['0', '1'], [user('a', { userName: 7 }), user('b')]],
  ])('%s', (_name, expected, operations) => expect(batches(operations)).toEqual(expected));

  it('R106 nothing when errors may end the job', () => expect(batches([user('a'), user('b')], 1)).toEqual(['0', '1']));
});
