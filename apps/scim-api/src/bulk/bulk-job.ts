import { TooContended } from '#event-sourcing';
import {
  bulkResponse,
  bulkSteps,
  concurrentSteps,
  creators,
  invalidValue,
  referencesOf,
  resolveId,
  ScimError,
  withReferences,
  type BulkOperation,
  type BulkRequest,
  type BulkResponse,
  type BulkResult,
  type BulkStep,
} from '#scim';
import type { ErrorAnswer } from '#runtime';
import type { RequestContext } from '../edge/request-context.js';
import type { ScimAnswer } from '../edge/scim-reply.js';
import type { RequestOptions, ResourceOperations } from '../resources/resource-operations.js';

export interface BulkJobParts {
  readonly context: RequestContext;
  /** By the name that stands in paths: `Users`. */
  readonly endpoints: ReadonlyMap<string, ResourceOperations>;
  /** The tenant's SCIM base URL, without a slash at its end. */
  readonly baseUrl: string;
  /** How many creations of users may be under way at once. */
  readonly concurrency: number;
  /** The refusal of an operation; undefined: of what had to be done on its behalf. */
  readonly answerOf: (error: unknown, operation?: BulkRequest['operations'][number]) => ErrorAnswer;
}

/** What an answer would show is not sent in a bulk response, so what is dear to read is not read. */
const UNSHOWN = 'members,groups';

/** One bulk job: each operation is a request of its own, decided, audited and answered by itself (R111). */
export class BulkJob {
  private readonly creators: ReadonlyMap<string, number>;
  private readonly defined: ReadonlySet<string>;
  /** Ids of the resources created so far, by bulkId. */
  private readonly ids = new Map<string, string>();
  private readonly results: (BulkResult | undefined)[];
  private errors = 0;
  private outage: ScimError | undefined;

  constructor(
    private readonly request: BulkRequest,
    private readonly parts: BulkJobParts,
  ) {
    this.creators = creators(request);
    this.defined = new Set(this.creators.keys());
    this.results = request.operations.map(() => undefined);
  }

  /** Results in the order of the request; those of operations that failOnErrors kept from being tried are missing (R106). */
  async run(): Promise<BulkResponse> {
    const steps = bulkSteps(this.request);
    for (const batch of concurrentSteps(this.request, steps, this.parts.concurrency))
      await Promise.all(batch.map((step) => this.take(step)));
    return bulkResponse(this.results.flatMap((result) => result ?? []));
  }

  private async take(step: BulkStep): Promise<void> {
    const operation = this.request.operations[step.index];
    if (operation === undefined) return;
    if (step.kind === 'complete') {
      if (!('refusal' in operation)) await this.complete(operation, step.index);
      return;
    }
    const { failOnErrors = Infinity } = this.request;
    if (this.errors >= failOnErrors) return;
    if ('refusal' in operation) this.results[step.index] = this.failure(operation, operation.refusal);
    else this.results[step.index] = await this.attempt(operation, step);
  }

  private async attempt(operation: BulkOperation, step: BulkStep & { kind: 'run' }): Promise<BulkResult> {
    try {
      if (this.outage !== undefined) throw this.outage;
      const answer = await this.carryOut(operation, step);
      if (operation.method === 'POST' && operation.bulkId !== undefined)
        this.ids.set(operation.bulkId, (answer.location ?? '').replace(/^.*\//, ''));
      return this.success(operation, answer);
    } catch (error) {
      return this.failure(operation, error);
    }
  }

  private async carryOut(
    operation: BulkOperation,
    { index, without }: BulkStep & { kind: 'run' },
  ): Promise<ScimAnswer> {
    const { method, bulkId, version } = operation;
    if (method === 'POST' && bulkId !== undefined && this.creators.get(bulkId) !== index)
      throw invalidValue(`The bulkId "${bulkId}" is that of an operation before: each must be unique in the request.`);
    this.demandReferences(operation, without);
    const resources = this.resourcesOf(operation);
    const id = this.idOf(operation) ?? '';
    const data = withReferences(operation.data, this.defined, (reference) => this.ids.get(reference));
    const context = this.contextOf(index);
    const options: RequestOptions = { ifMatch: version, excludedAttributes: UNSHOWN };
    switch (method) {
      case 'POST':
        return resources.create(context, data, options);
      case 'PUT':
        return resources.replace(context, id, data, options);
      case 'PATCH':
        return resources.patch(context, id, data, options);
      case 'DELETE':
        return resources.delete(context, id, options);
    }
  }

  /**
   * Puts a resource of a circle as it was meant to be, now that the others exist. When that cannot be, the operation has failed and leaves nothing
   * behind: the resource is deleted again (R108, R111).
   */
  private async complete(operation: BulkOperation, index: number): Promise<void> {
    const id = this.ids.get(operation.bulkId ?? '');
    const created = this.results[index];
    if (id === undefined || created === undefined) return;
    const resources = this.resourcesOf(operation);
    const context = this.contextOf(index);
    try {
      this.demandReferences(operation, new Set());
      const data = withReferences(operation.data, this.defined, (reference) => this.ids.get(reference));
      const { etag } = await resources.replace(context, id, data, { excludedAttributes: UNSHOWN });
      this.results[index] = { ...created, ...(etag === undefined ? {} : { version: etag }) };
    } catch (error) {
      this.ids.delete(operation.bulkId ?? '');
      this.results[index] = this.failure(operation, error);
      await resources.delete(context, id, {}).catch((fault: unknown) => this.parts.answerOf(fault));
    }
  }

  /** Throws 400 for a bulkId that the request does not define, 409 for one whose resource there is not (RFC 7644 §3.7.2). */
  private demandReferences(operation: BulkOperation, without: ReadonlySet<string>): void {
    for (const bulkId of referencesOf(operation, this.defined)) {
      if (this.ids.has(bulkId) || without.has(bulkId)) continue;
      if (!this.defined.has(bulkId)) throw invalidValue(`No POST operation of the request has the bulkId "${bulkId}".`);
      throw new ScimError(409, undefined, `The resource with the bulkId "${bulkId}" was not created.`);
    }
  }

  private resourcesOf({ endpoint }: BulkOperation): ResourceOperations {
    const resources = this.parts.endpoints.get(endpoint);
    if (resources !== undefined) return resources;
    const known = [...this.parts.endpoints.keys()].map((name) => `/${name}`).join(' or ');
    throw new ScimError(404, undefined, `The path of a bulk operation begins with ${known}.`);
  }

  private idOf({ id }: BulkOperation): string | undefined {
    return id === undefined ? undefined : resolveId(id, (bulkId) => this.ids.get(bulkId));
  }

  private contextOf(index: number): RequestContext {
    const { context } = this.parts;
    return { ...context, metadata: { ...context.metadata, txn: `${context.metadata.txn}:${index}` } };
  }

  private success(operation: BulkOperation, { status, etag, location }: ScimAnswer): BulkResult {
    const { method, bulkId } = operation;
    return {
      method,
      ...(bulkId === undefined ? {} : { bulkId }),
      ...(etag === undefined ? {} : { version: etag }),
      ...(location === undefined ? this.locationOf(operation) : { location }),
      status,
    };
  }

  private failure(operation: BulkRequest['operations'][number], error: unknown): BulkResult {
    this.errors += 1;
    const { status, body } = this.parts.answerOf(error, operation);
    // What is out of reach for one operation is so for the rest: they are not tried, and say so.
    if (status === 503 && !(error instanceof TooContended))
      this.outage ??= new ScimError(503, undefined, 'Not tried: an operation before could not be done.');
    const { method, bulkId } = operation;
    return {
      method,
      ...(bulkId === undefined ? {} : { bulkId }),
      ...('refusal' in operation ? {} : this.locationOf(operation)),
      status,
      response: body,
    };
  }

  private locationOf(operation: BulkOperation): { readonly location?: string } {
    const id = this.idOf(operation);
    if (id === undefined || !this.parts.endpoints.has(operation.endpoint)) return {};
    return { location: `${this.parts.baseUrl}/${operation.endpoint}/${encodeURIComponent(id)}` };
  }
}
