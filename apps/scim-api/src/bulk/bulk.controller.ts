import { Body, Controller, Post, Req, Res, UseGuards, UseInterceptors } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentCaller, TenantGuard, type Caller } from '#access';
import { RespondAsync } from '../asynchronous/respond-async.interceptor.js';
import { Context, type RequestContext } from '../edge/request-context.js';
import { sendScim } from '../edge/scim-reply.js';
import { ResourceEndpoints } from '../resources/resource-endpoints.js';
import { BulkJobs } from './bulk-jobs.js';

/** Many operations in one request (RFC 7644 §3.7). */
@Controller('t/:tenant/scim/v2/Bulk')
@UseGuards(TenantGuard)
@UseInterceptors(RespondAsync)
export class BulkController {
  constructor(
    private readonly jobs: BulkJobs,
    private readonly endpoints: ResourceEndpoints,
  ) {}

  @Post()
  async run(
    @Context() context: RequestContext,
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const job = this.jobs.admit(caller, body);
    const answer = await this.jobs.run(job, context, await this.endpoints.of(context.tenant));
    await sendScim(request, reply, { status: 200, body: answer });
  }
}
