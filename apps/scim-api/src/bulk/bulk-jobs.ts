import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { RateLimits, type Caller } from '#access';
import { LOGGER, type ErrorAnswer } from '#runtime';
import { parseBulkRequest, type BulkRequest, type BulkResponse } from '#scim';
import type { RequestContext } from '../edge/request-context.js';
import { scimErrorAnswer } from '../edge/scim-errors.js';
import { ScimUrls } from '../edge/scim-urls.js';
import { RefusalLog } from '../refusals/refusal-log.js';
import type { ResourceOperations } from '../resources/resource-operations.js';
import { BulkJob } from './bulk-job.js';
import { BulkLimits } from './bulk-limits.js';

/** Creations that meet in the log's queue become one append there; more than that at once gains nothing. */
const CONCURRENCY = 64;

type Operation = BulkRequest['operations'][number];
/** The endpoint of bulk requests, which is that of no resource type. */
export const BULK = 'Bulk';

/** Bulk requests (RFC 7644 §3.7), free of HTTP. */
@Injectable()
export class BulkJobs {
  constructor(
    @Inject(ScimUrls) private readonly urls: ScimUrls,
    @Inject(RateLimits) private readonly rates: RateLimits,
    @Inject(BulkLimits) private readonly limits: BulkLimits,
    private readonly refusals: RefusalLog,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Reads a request and charges its operations to the caller. Throws as `parseBulkRequest`; nothing has been done then. */
  admit(caller: Caller, body: unknown): BulkRequest {
    const job = parseBulkRequest(body, this.limits);
    this.rates.charge(caller, job.operations.length - 1); // the request itself was the first
    return job;
  }

  /** As `admit`, of a body that was admitted before. */
  parse(body: unknown): BulkRequest {
    return parseBulkRequest(body, this.limits);
  }

  run(
    job: BulkRequest,
    context: RequestContext,
    endpoints: ReadonlyMap<string, ResourceOperations>,
  ): Promise<BulkResponse> {
    const { tenantId, tenant } = context;
    return new BulkJob(job, {
      context,
      endpoints,
      baseUrl: this.urls.base(tenantId),
      // Who of several is one too many depends on the order.
      concurrency: tenant.settings.maxUsers === 'unlimited' ? CONCURRENCY : 1,
      answerOf: (error, operation) => this.answerOf(error, context, operation),
    }).run();
  }

  /** The refusal of one operation; a fault of ours is logged whole, as it would be for a request of its own. */
  private answerOf(error: unknown, { tenantId, metadata }: RequestContext, operation?: Operation): ErrorAnswer {
    const answer = scimErrorAnswer(error);
    if (operation !== undefined) {
      const { endpoint = BULK, id } = 'refusal' in operation ? {} : operation;
      this.refusals.note({ tenantId, metadata, method: operation.method, endpoint, id }, error, answer.status);
    }
    const fields = { err: error, requestId: metadata.requestId, status: answer.status };
    if (answer.status === 503) this.logger.warn(fields, 'bulk operation put off');
    else if (answer.status >= 500) this.logger.error(fields, 'bulk operation failed');
    return answer;
  }
}
