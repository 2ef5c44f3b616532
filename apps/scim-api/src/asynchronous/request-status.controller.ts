import { Controller, Get, Inject, Param, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AcceptedRequests, Tenant, TenantGuard } from '#access';
import { ScimError } from '#scim';
import { sendScim } from '../edge/scim-reply.js';
import { isTxn } from './accepted-work.js';

/** What became of requests that were answered by 202; for credentials of their tenant alone (RFC 9967 §5). */
@Controller('t/:tenant/scim/v2/.requests')
@UseGuards(TenantGuard)
export class RequestStatusController {
  constructor(@Inject(AcceptedRequests) private readonly requests: AcceptedRequests) {}

  /** 202 while it waits; then 200 with its result as that of a bulk request, which is the payload of the completion event as well. */
  @Get(':txn')
  async get(
    @Tenant() tenantId: string,
    @Param('txn') txn: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const status = isTxn(txn) ? await this.requests.status(tenantId, txn) : ({ state: 'unknown' } as const);
    if (status.state === 'unknown')
      throw new ScimError(404, undefined, 'No request with this id was accepted, or its result is not kept any more.');
    void reply.header('set-txn', txn);
    if (status.state === 'waiting') await reply.status(202).header('retry-after', '1').send();
    else await sendScim(request, reply, { status: 200, body: status.result });
  }
}
