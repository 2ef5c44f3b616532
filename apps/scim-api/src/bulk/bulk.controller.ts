import { Body, Controller, Inject, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { CurrentCaller, RateLimits, TenantGuard, type Caller } from '#access';
import { LOGGER, type ErrorAnswer } from '#runtime';
import { parseBulkRequest } from '#scim';
import { Context, type RequestContext } from '../edge/request-context.js';
import { scimErrorAnswer } from '../edge/scim-errors.js';
import { sendScim } from '../edge/scim-reply.js';
import { ScimUrls } from '../edge/scim-urls.js';
import { GroupOperations } from '../groups/group-operations.js';
import type { ResourceOperations } from '../resources/resource-operations.js';
import { UserOperations } from '../users/user-operations.js';
import { BulkJob } from './bulk-job.js';
import { BulkLimits } from './bulk-limits.js';

/** Creations that meet in the log's queue become one append there; more than that at once gains nothing. */
const CONCURRENCY = 64;

/** Many operations in one request (RFC 7644 §3.7). */
@Controller('t/:tenant/scim/v2/Bulk')
@UseGuards(TenantGuard)
export class BulkController {
  private readonly endpoints: ReadonlyMap<string, ResourceOperations>;

  constructor(
    users: UserOperations,
    groups: GroupOperations,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
    @Inject(RateLimits) private readonly rates: RateLimits,
    @Inject(BulkLimits) private readonly limits: BulkLimits,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.endpoints = new Map<string, ResourceOperations>([
      ['Users', users],
      ['Groups', groups],
    ]);
  }

  @Post()
  async run(
    @Context() context: RequestContext,
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const job = parseBulkRequest(body, this.limits);
    this.rates.charge(caller, job.operations.length - 1); // the request itself was the first
    const { tenantId, tenant } = context;
    const answer = await new BulkJob(job, {
      context,
      endpoints: this.endpoints,
      baseUrl: this.urls.base(tenantId),
      // Who of several is one too many depends on the order.
      concurrency: tenant.settings.maxUsers === 'unlimited' ? CONCURRENCY : 1,
      answerOf: (error) => this.answerOf(error, request.id),
    }).run();
    await sendScim(request, reply, { status: 200, body: answer });
  }

  /** The refusal of one operation; a fault of ours is logged whole, as it would be for a request of its own. */
  private answerOf(error: unknown, requestId: string): ErrorAnswer {
    const answer = scimErrorAnswer(error);
    const fields = { err: error, requestId, status: answer.status };
    if (answer.status === 503) this.logger.warn(fields, 'bulk operation put off');
    else if (answer.status >= 500) this.logger.error(fields, 'bulk operation failed');
    return answer;
  }
}
