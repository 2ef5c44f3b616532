import { expect, it } from '@jest/globals';
import { EventLogUnavailable, TooContended } from '#event-sourcing';
import { TenancyError } from '#tenancy';
import { adminErrorAnswer } from './admin-errors.js';

it('a refusal keeps its stable code', () =>
  expect(adminErrorAnswer(new TenancyError('tenant-id-taken', 'It is taken.'))).toEqual({
    status: 409,
    contentType: 'application/json',
    body: { error: { code: 'tenant-id-taken', message: 'It is taken.' } },
  }));

it.each([
  ['the log', new EventLogUnavailable('no route to 10.0.0.1')],
  ['many writers', new TooContended()],
  ['the database', Object.assign(new Error('connect ECONNREFUSED 10.0.0.1'), { code: 'ECONNREFUSED' })],
])('%s out of reach is 503 with whole seconds, and names no machine', (_, error) => {
  const answer = adminErrorAnswer(error);
  expect(answer).toMatchObject({
    status: 503,
    headers: { 'retry-after': '1' },
    body: { error: { code: 'unavailable' } },
  });
  expect(JSON.stringify(answer.body)).not.toContain('10.0.0.1');
});

it('a fault of ours tells nothing of itself', () =>
  expect(adminErrorAnswer(new Error('secret detail'))).toMatchObject({
    status: 500,
    body: { error: { code: 'internal-error', message: 'Something went wrong on our side.' } },
  }));
