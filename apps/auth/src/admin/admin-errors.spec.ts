import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { EventLogUnavailable, TooContended } from '#event-sourcing';
import { TenancyError } from '#tenancy';
import { adminErrorAnswer, operatorStatuses, tenancyStatuses } from './admin-errors.js';

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

it('docs/admin-api.md lists every code in the row of its status', () => {
  const path = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'admin-api.md');
  const rows = readFileSync(path, 'utf8').split('\n');
  for (const [code, status] of [...Object.entries(tenancyStatuses), ...Object.entries(operatorStatuses)]) {
    const row = rows.find((line) => new RegExp(`^\\| [0-9, ]*${status}[0-9, ]*\\|`).test(line));
    expect([code, row?.includes(`\`${code}\``)]).toEqual([code, true]);
  }
});
