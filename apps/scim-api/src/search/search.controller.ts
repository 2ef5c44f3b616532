import { Body, Controller, Get, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TenantGuard } from '#access';
import { parseSearchRequest } from '#scim';
import { listParameters, listParametersOf, projectionParameters, type RawQuery } from '../edge/query-parameters.js';
import { Context, type RequestContext } from '../edge/request-context.js';
import { sendScim } from '../edge/scim-reply.js';
import { endpointOf, KnownEndpoint } from '../custom/known-endpoint.guard.js';
import { ResourceEndpoints } from '../resources/resource-endpoints.js';
import { FindDirectory } from './find-directory.js';

/** Queries over all types, and queries by POST, which keep personal data out of URLs (RFC 7644 §3.4.2.1, §3.4.3). */
@Controller('t/:tenant/scim/v2')
@UseGuards(TenantGuard)
export class SearchController {
  constructor(
    private readonly queries: QueryBus,
    private readonly endpoints: ResourceEndpoints,
  ) {}

  @Get()
  async findAll(
    @Context() context: RequestContext,
    @Query() query: RawQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const find = new FindDirectory(context, listParameters(query), projectionParameters(query));
    await sendScim(request, reply, { status: 200, body: await this.queries.execute(find) });
  }

  @Post('.search')
  async searchAll(
    @Context() context: RequestContext,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const asked = parseSearchRequest(body);
    const find = new FindDirectory(context, listParametersOf(asked), asked);
    await sendScim(request, reply, { status: 200, body: await this.queries.execute(find) });
  }

  /** 200, never 201: a search makes nothing (R79). */
  @Post(':endpoint/.search')
  @UseGuards(KnownEndpoint)
  async searchType(
    @Context() context: RequestContext,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const asked = parseSearchRequest(body);
    const operations = await this.endpoints.at(context.tenant, endpointOf(request));
    const found = await operations.find(context, listParametersOf(asked), asked);
    await sendScim(request, reply, { status: 200, body: found });
  }
}
