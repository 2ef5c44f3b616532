import { Body, Delete, Get, Patch, Post, Put, Query, Req, Res, UseGuards, UseInterceptors } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TenantGuard } from '#access';
import { invalidFilter } from '#scim';
import { RespondAsync } from '../asynchronous/respond-async.interceptor.js';
import { listParameters, projectionParameters, type RawQuery } from '../edge/query-parameters.js';
import { Context, type RequestContext } from '../edge/request-context.js';
import { requestOptionsOf } from '../edge/request-options.js';
import { ResourceId } from '../edge/resource-id.js';
import { sendScim } from '../edge/scim-reply.js';
import type { RepeatableCreation } from './repeatable-creation.js';
import type { ResourceOperations } from './resource-operations.js';

/** Where a request asks for resources. */
export interface ResourceEndpoint {
  /** As it stands in paths: `Users`. */
  readonly name: string;
  readonly operations: ResourceOperations;
}

/** The endpoints of a resource type (RFC 7644 §3.2): HTTP is written once, a subclass names path and operations. */
@UseGuards(TenantGuard)
export abstract class ResourceController {
  protected constructor(
    private readonly endpointOf: (context: RequestContext, request: FastifyRequest) => Promise<ResourceEndpoint>,
    private readonly creation: RepeatableCreation,
  ) {}

  @Post()
  @UseInterceptors(RespondAsync)
  async create(
    @Context() context: RequestContext,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { name: endpoint, operations } = await this.endpointOf(context, request);
    const options = requestOptionsOf(request);
    const key = request.headers['idempotency-key'];
    const answer =
      typeof key === 'string'
        ? this.creation.create(operations, { context, endpoint, body, options }, key)
        : operations.create(context, body, options);
    await sendScim(request, reply, await answer);
  }

  @Get()
  async find(
    @Context() context: RequestContext,
    @Query() query: RawQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { operations } = await this.endpointOf(context, request);
    const body = await operations.find(context, listParameters(query), projectionParameters(query));
    await sendScim(request, reply, { status: 200, body });
  }

  @Get(':id')
  async get(
    @Context() context: RequestContext,
    @ResourceId() id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if ((request.query as RawQuery)['filter'] !== undefined)
      throw invalidFilter('One resource cannot be filtered: ask the endpoint of its type.'); // R55
    const { operations } = await this.endpointOf(context, request);
    await sendScim(request, reply, await operations.get(context, id, requestOptionsOf(request)));
  }

  @Put(':id')
  @UseInterceptors(RespondAsync)
  async replace(
    @Context() context: RequestContext,
    @ResourceId() id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { operations } = await this.endpointOf(context, request);
    await sendScim(request, reply, await operations.replace(context, id, body, requestOptionsOf(request)));
  }

  @Patch(':id')
  @UseInterceptors(RespondAsync)
  async patch(
    @Context() context: RequestContext,
    @ResourceId() id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { operations } = await this.endpointOf(context, request);
    await sendScim(request, reply, await operations.patch(context, id, body, requestOptionsOf(request)));
  }

  @Delete(':id')
  @UseInterceptors(RespondAsync)
  async delete(
    @Context() context: RequestContext,
    @ResourceId() id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { operations } = await this.endpointOf(context, request);
    await sendScim(request, reply, await operations.delete(context, id, requestOptionsOf(request)));
  }
}
