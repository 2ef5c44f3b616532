import { DomainError, streamName, type EventLog } from '#event-sourcing';
import type { ListResponse, ScimObject } from '#scim';
import type { ListParameters, ProjectionParameters } from '../edge/query-parameters.js';
import type { RequestContext } from '../edge/request-context.js';
import type { ScimAnswer } from '../edge/scim-reply.js';
import { ResourceOperations, type RequestOptions } from '../resources/resource-operations.js';
import { createdBy } from './accepted-work.js';

/** What is known of earlier attempts at a request. */
export interface Attempt {
  /** Nobody has tried before: nothing of it can have been done. */
  readonly isFirst: boolean;
  readonly acceptedAt: Date;
  /** Throws when the request is not this process's to carry out any more. */
  readonly guard: () => void;
}

export type OperationLog = Pick<EventLog, 'positions' | 'readStream'>;

/** By how much clocks of several processes may differ. */
const CLOCK_MARGIN_MS = 60_000;
const READ_AT_ONCE = 200;

/**
 * Operations that are not done a second time when a process died after it had done them, and before it could say so. A creation makes the same id
 * again, which cannot be done twice; of the others the events tell, each of which carries the operation's txn.
 */
export class OnceOnlyOperations extends ResourceOperations {
  constructor(
    private readonly inner: ResourceOperations,
    private readonly log: OperationLog,
    private readonly attempt: Attempt,
  ) {
    super();
  }

  async create(context: RequestContext, body: unknown, options: RequestOptions): Promise<ScimAnswer> {
    const newId = options.newId ?? createdBy(context.metadata.txn);
    const found = this.attempt.isFirst ? undefined : await this.look(context, newId).catch(nothingThere);
    if (found !== undefined) return { ...found, status: 201 };
    try {
      return await this.inner.create(context, body, this.guarded({ ...options, newId }));
    } catch (error) {
      if (!isCode(error, 'resource-already-exists')) throw error;
      return { ...(await this.look(context, newId)), status: 201 };
    }
  }

  get(context: RequestContext, id: string, options: RequestOptions): Promise<ScimAnswer> {
    return this.inner.get(context, id, options);
  }

  find(
    context: RequestContext,
    query: ListParameters,
    options: ProjectionParameters,
  ): Promise<ListResponse<ScimObject>> {
    return this.inner.find(context, query, options);
  }

  async replace(context: RequestContext, id: string, body: unknown, options: RequestOptions): Promise<ScimAnswer> {
    if (await this.isDone(context, id)) return this.look(context, id);
    return this.inner.replace(context, id, body, this.guarded(options));
  }

  async patch(context: RequestContext, id: string, body: unknown, options: RequestOptions): Promise<ScimAnswer> {
    if (await this.isDone(context, id)) return this.look(context, id);
    return this.inner.patch(context, id, body, this.guarded(options));
  }

  async delete(context: RequestContext, id: string, options: RequestOptions): Promise<ScimAnswer> {
    if (await this.isDone(context, id)) return { status: 204 };
    return this.inner.delete(context, id, this.guarded(options));
  }

  private guarded(options: RequestOptions): RequestOptions {
    return { ...options, guard: this.attempt.guard };
  }

  /** The resource as it stands: what an operation that is done already is answered with. */
  private look(context: RequestContext, id: string): Promise<ScimAnswer> {
    return this.inner.get(context, id, { excludedAttributes: 'members,groups' });
  }

  private async isDone({ tenantId, metadata: { txn } }: RequestContext, id: string): Promise<boolean> {
    // What a bulk operation created itself it puts right, or takes back, in further steps of the same txn; those may be repeated.
    if (this.attempt.isFirst || id === createdBy(txn)) return false;
    const names = (['user', 'group', 'resource'] as const).map((kind) => streamName(kind, tenantId, id));
    for (const [name, { revision }] of await this.log.positions(tenantId, names))
      if (await this.hasEventOf(tenantId, name, revision, txn)) return true;
    return false;
  }

  /** Looks from the end of a stream back to when the request was accepted. */
  private async hasEventOf(tenantId: string, name: string, last: number, txn: string): Promise<boolean> {
    const earliest = this.attempt.acceptedAt.getTime() - CLOCK_MARGIN_MS;
    for (let to = last; to >= 0; to -= READ_AT_ONCE) {
      const from = Math.max(0, to - READ_AT_ONCE + 1);
      const events = await this.log.readStream(tenantId, name, { from, to, limit: READ_AT_ONCE });
      if (events.some(({ metadata }) => metadata.txn === txn)) return true;
      if ((events[0]?.time.getTime() ?? 0) < earliest) return false;
    }
    return false;
  }
}

const isCode = (error: unknown, code: string): boolean => error instanceof DomainError && error.code === code;

const nothingThere = (error: unknown): undefined => {
  if (!isCode(error, 'resource-not-found')) throw error;
};
