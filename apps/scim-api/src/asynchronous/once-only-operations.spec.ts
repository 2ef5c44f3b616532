import { beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError, type StoredEvent } from '#event-sourcing';
import { defaultSettings } from '#tenancy';
import type { RequestContext } from '../edge/request-context.js';
import type { ScimAnswer } from '../edge/scim-reply.js';
import { ResourceOperations } from '../resources/resource-operations.js';
import { createdBy, newTxn } from './accepted-work.js';
import { OnceOnlyOperations, type Attempt, type OperationLog } from './once-only-operations.js';

const txn = newTxn();
const acceptedAt = new Date('2026-11-21T12:00:00Z');
const context: RequestContext = {
  tenantId: 'acme',
  tenant: { tenantId: 'acme', status: 'active', settings: defaultSettings, schemasRevision: 0 },
  metadata: { actor: { kind: 'token', id: 't' }, requestId: 'r', correlationId: 'r', txn },
};
const found: ScimAnswer = { status: 200, etag: 'W/"7"', location: 'x' };
const missing = new DomainError('resource-not-found', 'There is none.');

/** Operations that note what was asked of them. */
class Noting extends ResourceOperations {
  readonly done: string[] = [];
  exists = true;
  refusal: Error | undefined;

  create = (_context: RequestContext, _body: unknown, { newId }: { newId?: string | undefined }) =>
    this.note(`create ${newId}`);
  replace = (_context: RequestContext, id: string) => this.note(`replace ${id}`);
  patch = (_context: RequestContext, id: string) => this.note(`patch ${id}`);
  delete = (_context: RequestContext, id: string) => this.note(`delete ${id}`);
  get = async () => {
    if (!this.exists) throw missing;
    return found;
  };
  find = () => Promise.reject(new Error('Nobody asks.'));

  private async note(what: string): Promise<ScimAnswer> {
    this.done.push(what);
    if (this.refusal !== undefined) throw this.refusal;
    return { status: 299 };
  }
}

let inner: Noting;
let reads: number;
beforeEach(() => {
  inner = new Noting();
  reads = 0;
});

const event = (minutes: number, eventTxn = newTxn()) =>
  ({ time: new Date(acceptedAt.getTime() + minutes * 60_000), metadata: { txn: eventTxn } }) as StoredEvent;

const logOf = (events: readonly StoredEvent[]): OperationLog => ({
  positions: async (_tenant, [user = '']) => new Map([[user, { revision: events.length - 1, open: true }]]),
  readStream: async (_tenant, _name, { from = 0, to = Infinity } = {}) => {
    reads += 1;
    return events.slice(from, to + 1);
  },
});
const operations = (events: readonly StoredEvent[] = [], attempt: Partial<Attempt> = {}) =>
  new OnceOnlyOperations(inner, logOf(events), { isFirst: false, acceptedAt, guard: () => undefined, ...attempt });

describe('what may have been done before', () => {
  it.each(['replace', 'patch'] as const)('%s is answered with the resource when its events are there', async (name) => {
    const answer = await operations([event(-9), event(1, txn), event(2)])[name](context, 'u1', {}, {});
    expect([answer, inner.done]).toEqual([found, []]);
  });

  it('delete is done when its events are there, though the resource is not', async () => {
    expect(await operations([event(0), event(1, txn)]).delete(context, 'u1', {})).toEqual({ status: 204 });
    expect(inner.done).toEqual([]);
  });

  it.each(['replace', 'patch'] as const)('%s is done when they are not', async (name) => {
    await operations([event(-9), event(1, `${txn}:0`)])[name](context, 'u1', {}, {});
    expect(inner.done).toEqual([`${name} u1`]);
  });

  it('is looked for from the end back to when the request was accepted, and no further', async () => {
    await operations([...Array.from({ length: 1000 }, () => event(-9)), event(1)]).patch(context, 'u1', {}, {});
    expect([reads, inner.done]).toEqual([1, ['patch u1']]);
  });

  it('is found behind many later events', async () => {
    await operations([event(1, txn), ...Array.from({ length: 1000 }, () => event(2))]).patch(context, 'u1', {}, {});
    expect(inner.done).toEqual([]);
  });

  it('is not looked for at the first attempt', async () => {
    await operations([event(1, txn)], { isFirst: true }).patch(context, 'u1', {}, {});
    expect([reads, inner.done]).toEqual([0, ['patch u1']]);
  });

  it('is done again on what the operation itself created: a circle of a bulk request', async () => {
    await operations([event(1, txn)]).replace(context, createdBy(txn), {}, {});
    expect(inner.done).toEqual([`replace ${createdBy(txn)}`]);
  });
});

describe('a creation', () => {
  it('has the id that follows from its txn, or the one that was chosen for it', async () => {
    await operations([], { isFirst: true }).create(context, {}, {});
    await operations([], { isFirst: true }).create(context, {}, { newId: 'chosen' });
    expect(inner.done).toEqual([`create ${createdBy(txn)}`, 'create chosen']);
  });

  it('that was done before is answered with what it created', async () => {
    expect(await operations().create(context, {}, {})).toEqual({ ...found, status: 201 });
    expect(inner.done).toEqual([]);
  });

  it('that another is doing at this moment is answered alike', async () => {
    inner.refusal = new DomainError('resource-already-exists', 'Taken.');
    expect(await operations([], { isFirst: true }).create(context, {}, {})).toEqual({ ...found, status: 201 });
  });

  it('that was not done before is done, and refused as it deserves', async () => {
    inner.exists = false;
    inner.refusal = new DomainError('too-many-users', 'Full.');
    await expect(operations().create(context, {}, {})).rejects.toBe(inner.refusal);
    expect(inner.done).toHaveLength(1);
  });
});
