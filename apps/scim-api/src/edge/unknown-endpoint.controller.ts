import { All, Controller, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentCaller, TenantGuard, type Caller } from '#access';
import { ResourceEndpoints } from '../resources/resource-endpoints.js';
import { endpointRefusal } from './endpoint-refusal.js';

/** Whatever no other route answers, as a SCIM error. */
@Controller('t/:tenant/scim')
@UseGuards(TenantGuard)
export class UnknownEndpointController {
  constructor(private readonly endpoints: ResourceEndpoints) {}

  @All('*')
  async answer(
    @CurrentCaller() { tenant }: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<never> {
    throw endpointRefusal(request, reply, [...(await this.endpoints.of(tenant)).keys()]);
  }
}
