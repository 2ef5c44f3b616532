import { describe, expect, it } from '@jest/globals';
import { EventLogUnavailable, TooContended } from '#event-sourcing';
import { parseBulkRequest, ScimError, urns, type BulkResponse } from '#scim';
import { effectiveSettings } from '#tenancy';
import type { RequestContext } from '../edge/request-context.js';
import { scimErrorAnswer } from '../edge/scim-errors.js';
import type { ScimAnswer } from '../edge/scim-reply.js';
import { ResourceOperations } from '../resources/resource-operations.js';
import { BulkJob } from './bulk-job.js';

const BASE = 'https://id.example.com/t/acme/scim/v2';

const context: RequestContext = {
  tenantId: 'acme',
  tenant: { tenantId: 'acme', status: 'active', settings: effectiveSettings({}), schemasRevision: 0 },
  metadata: { actor: { kind: 'token', id: 'okta' }, requestId: 'r', correlationId: 'r', txn: 'r' },
};

/** Does what it is told, or fails as the data says; notes what was asked and how much at once. */
class Resources extends ResourceOperations {
  readonly asked: string[] = [];
  atOnce = 0;
  most = 0;
  failures: Readonly<Record<string, Error>> = {};

  async create({ metadata }: RequestContext, body: unknown): Promise<ScimAnswer> {
    const { userName: name } = body as { userName: string };
    await this.work(`create ${name} ${metadata.txn}`);
    if (this.failures[name] !== undefined) throw this.failures[name];
    return { status: 201, etag: 'W/"0"', location: `${BASE}/Users/id-${name}` };
  }
  async replace(_context: RequestContext, id: string, body: unknown): Promise<ScimAnswer> {
    await this.work(`replace ${id} ${JSON.stringify(body)}`);
    if (this.failures[id] !== undefined) throw this.failures[id];
    return { status: 200, etag: 'W/"1"', location: `${BASE}/Users/${id}` };
  }
  async patch(_context: RequestContext, id: string): Promise<ScimAnswer> {
    await this.work(`patch ${id}`);
    if (this.failures[id] !== undefined) throw this.failures[id];
    return { status: 204, etag: 'W/"2"' };
  }
  async delete(_context: RequestContext, id: string): Promise<ScimAnswer> {
    await this.work(`delete ${id}`);
    return { status: 204 };
  }
  get(): never {
    throw new Error('not asked in bulk');
  }
  find(): never {
    throw new Error('not asked in bulk');
  }
  private async work(what: string): Promise<void> {
    this.asked.push(what);
    this.atOnce += 1;
    this.most = Math.max(this.most, this.atOnce);
    await Promise.resolve();
    this.atOnce -= 1;
  }
}

const run = (users: Resources, operations: readonly object[], failOnErrors?: number): Promise<BulkResponse> =>
  new BulkJob(
    parseBulkRequest({ schemas: [urns.bulkRequest], failOnErrors, Operations: operations }, { maxOperations: 1000 }),
    { context, endpoints: new Map([['Users', users]]), baseUrl: BASE, concurrency: 4, answerOf: scimErrorAnswer },
  ).run();
const statuses = ({ Operations }: BulkResponse) => Operations.map(({ status }) => status).join(' ');

const user = (name: string, manager?: string) => ({
  method: 'POST',
  path: '/Users',
  bulkId: name,
  data: { userName: name, ...(manager === undefined ? {} : { manager: { value: `bulkId:${manager}` } }) },
});
const patch = (id: string) => ({ method: 'PATCH', path: `/Users/${id}`, data: {} });

describe('a bulk job', () => {
  it('R109 creates independent users at once, as many as it may, and answers in the order sent', async () => {
    const users = new Resources();
    const { Operations } = await run(
      users,
      ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => user(name)),
    );
    expect(users.most).toBe(4);
    expect(Operations.map(({ bulkId }) => bulkId).join('')).toBe('abcdef');
  });

  it('R109 takes everything else in turn', async () => {
    const users = new Resources();
    await run(users, [patch('1'), patch('2'), user('a', 'b'), user('b')]);
    expect(users.most).toBe(1);
    expect(users.asked).toEqual(['patch 1', 'patch 2', 'create b r:3', 'create a r:2']);
  });

  it('R106 with failOnErrors nothing is tried after the last error, whatever comes before it by reference', async () => {
    const users = new Resources();
    users.failures = { b: new ScimError(409, 'uniqueness', 'Taken.') };
    const response = await run(users, [user('a', 'b'), user('b'), user('c')], 1);
    expect(response.Operations).toMatchObject([{ bulkId: 'b', status: '409' }]);
    expect(users.asked).toEqual(['create b r:1']);
  });

  it('R108 a circle is closed by replacing what was created without the reference', async () => {
    const users = new Resources();
    const { Operations } = await run(users, [user('a', 'b'), user('b', 'a')]);
    expect(users.asked).toEqual([
      'create b r:1',
      'create a r:0',
      'replace id-b {"userName":"b","manager":{"value":"id-a"}}',
    ]);
    expect(Operations.map(({ status, version }) => [status, version])).toEqual([
      ['201', 'W/"0"'],
      ['201', 'W/"1"'],
    ]);
  });

  it('R108 a circle that cannot be closed leaves nothing behind, and its error is told', async () => {
    const users = new Resources();
    users.failures = { 'id-a': new ScimError(400, 'invalidValue', 'Not so.') };
    const response = await run(users, [user('b', 'a'), user('a', 'b'), patch('bulkId:a')]);
    expect(statuses(response)).toBe('201 400 409');
    expect(response.Operations[1]).not.toHaveProperty('location');
    expect(users.asked.at(-1)).toBe('delete id-a');
  });

  it('ends when the log is out of reach: what is left is not tried, and says so', async () => {
    const users = new Resources();
    users.failures = { a: new EventLogUnavailable('out of reach') };
    const response = await run(users, [user('a'), patch('1'), patch('2')]);
    expect(statuses(response)).toBe('503 503 503');
    expect(users.asked).toEqual(['create a r:0']);
    expect(response.Operations[2]?.response).toMatchObject({
      status: '503',
      detail: expect.stringContaining('Not tried'),
    });
  });

  it('goes on when one resource has too many writers', async () => {
    const users = new Resources();
    users.failures = { '1': new TooContended() };
    expect(statuses(await run(users, [patch('1'), patch('2')]))).toBe('503 204');
  });

  it('a fault of ours in one operation is 500 for that one alone, without details', async () => {
    const users = new Resources();
    users.failures = { '1': new Error('secret inside') };
    const response = await run(users, [patch('1'), patch('2')]);
    expect(statuses(response)).toBe('500 204');
    expect(JSON.stringify(response)).not.toContain('secret');
  });
});
