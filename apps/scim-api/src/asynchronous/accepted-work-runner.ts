import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { TokenDirectory, type TakenRequest } from '#access';
import { EventLog } from '#event-sourcing';
import { LOGGER } from '#runtime';
import { bulkResponse, ScimError, type BulkResponse } from '#scim';
import { BULK, BulkJobs } from '../bulk/bulk-jobs.js';
import type { RequestContext } from '../edge/request-context.js';
import { scimErrorAnswer } from '../edge/scim-errors.js';
import type { ScimAnswer } from '../edge/scim-reply.js';
import { ScimUrls } from '../edge/scim-urls.js';
import { RefusalLog } from '../refusals/refusal-log.js';
import { RepeatableCreation } from '../resources/repeatable-creation.js';
import { ResourceEndpoints, type Endpoints } from '../resources/resource-endpoints.js';
import type { AcceptedWork } from './accepted-work.js';
import { OnceOnlyOperations } from './once-only-operations.js';

/** What came of a request: what a client that waits is answered with, and what is kept for one that asks later. */
export interface Outcome {
  readonly answer: { readonly answered: ScimAnswer } | { readonly refused: unknown };
  readonly result: BulkResponse;
}

/** What may be carried out later was put off: the log or the database is out of reach, say. */
export class NotNow extends Error {
  constructor(cause: unknown) {
    super('The request cannot be carried out at the moment.', { cause });
    this.name = 'NotNow';
  }
}

/** As many processes may die over one request; then it is refused. */
const MOST_ATTEMPTS = 5;

/** Carries out what was accepted. */
@Injectable()
export class AcceptedWorkRunner {
  constructor(
    private readonly endpoints: ResourceEndpoints,
    private readonly jobs: BulkJobs,
    private readonly creation: RepeatableCreation,
    private readonly log: EventLog,
    private readonly refusals: RefusalLog,
    @Inject(TokenDirectory) private readonly directory: TokenDirectory,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** `guard` throws when the request is not ours any more; so does this. Throws NotNow for what should be tried again. */
  async run(taken: TakenRequest, work: AcceptedWork, guard: () => void): Promise<Outcome> {
    try {
      const context = await this.contextOf(taken, work);
      const endpoints = await this.onceOnly(context, taken, guard);
      if (work.endpoint === BULK) return ofBulk(await this.jobs.run(this.jobs.parse(work.body), context, endpoints));
      const answered = await this.carryOut(context, work, endpoints);
      return { answer: { answered }, result: this.resultOf(taken.tenantId, work, answered) };
    } catch (error) {
      guard();
      return this.refused(taken.tenantId, work, error);
    }
  }

  private async contextOf({ tenantId, attempts }: TakenRequest, { metadata }: AcceptedWork): Promise<RequestContext> {
    if (attempts > MOST_ATTEMPTS)
      throw new ScimError(500, undefined, 'The request was given up: it was begun several times and never ended.');
    const tenant = await this.directory.tenant(tenantId);
    if (tenant?.status !== 'active') throw new ScimError(403, undefined, 'The tenant is suspended.');
    return { tenantId, tenant, metadata };
  }

  private async onceOnly(
    { tenant }: RequestContext,
    { leaseNumber, acceptedAt }: TakenRequest,
    guard: () => void,
  ): Promise<Endpoints> {
    const attempt = { isFirst: leaseNumber === 1, acceptedAt, guard };
    const endpoints = await this.endpoints.of(tenant);
    return new Map([...endpoints].map(([name, inner]) => [name, new OnceOnlyOperations(inner, this.log, attempt)]));
  }

  private carryOut(
    context: RequestContext,
    { method, endpoint, id = '', body, options, idempotencyKey }: AcceptedWork,
    endpoints: Endpoints,
  ): Promise<ScimAnswer> {
    const resources = endpoints.get(endpoint);
    if (resources === undefined) throw new ScimError(404, undefined, 'There is no SCIM endpoint at this path.');
    switch (method) {
      case 'POST':
        return idempotencyKey === undefined
          ? resources.create(context, body, options)
          : this.creation.create(resources, { context, endpoint, body, options }, idempotencyKey);
      case 'PUT':
        return resources.replace(context, id, body, options);
      case 'PATCH':
        return resources.patch(context, id, body, options);
      case 'DELETE':
        return resources.delete(context, id, options);
    }
  }

  private resultOf(tenantId: string, work: AcceptedWork, { status, etag, location }: ScimAnswer): BulkResponse {
    const { method } = work;
    const version = etag === undefined ? {} : { version: etag };
    return bulkResponse([{ method, ...version, ...this.locationOf(tenantId, work, location), status }]);
  }

  private refused(tenantId: string, work: AcceptedWork, error: unknown): Outcome {
    const { status, body } = scimErrorAnswer(error);
    if (status === 503) throw new NotNow(error);
    const { method, metadata } = work;
    this.refusals.note({ tenantId, ...work }, error, status);
    if (status >= 500) this.logger.error({ err: error, requestId: metadata.requestId, status }, 'request failed');
    const result = bulkResponse([{ method, ...this.locationOf(tenantId, work), status, response: body }]);
    return { answer: { refused: error }, result };
  }

  private locationOf(tenantId: string, { endpoint, id }: AcceptedWork, location?: string): { location?: string } {
    if (location !== undefined) return { location };
    return id === undefined ? {} : { location: `${this.urls.base(tenantId)}/${endpoint}/${encodeURIComponent(id)}` };
  }
}

/** An operation that was put off puts off the whole: those that are done are not done again. */
const ofBulk = (result: BulkResponse): Outcome => {
  const putOff = result.Operations.find(({ status }) => status === '503');
  if (putOff !== undefined) throw new ScimError(503, undefined, 'An operation of the request could not be done.');
  return { answer: { answered: { status: 200, body: result } }, result };
};
