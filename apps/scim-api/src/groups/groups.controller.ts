import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  Inject,
  Patch,
  Post,
  Put,
  Query,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TenantGuard } from '#access';
import type { GroupCommand, GroupEvent, GroupState } from '#directory';
import { DomainError, EdgeIndex, type CommandResult } from '#event-sourcing';
import { groupSchema, parseGroup, parsePatchRequest, splitGroupPatch, type Projection } from '#scim';
import { newResourceId } from '../edge/new-id.js';
import { entityTag, ifMatch, matchesNone } from '../edge/preconditions.js';
import { listParameters, projectionOf, type RawQuery } from '../edge/query-parameters.js';
import { Context, type RequestContext } from '../edge/request-context.js';
import { ResourceId } from '../edge/resource-id.js';
import { sendScim } from '../edge/scim-reply.js';
import { ScimUrls } from '../edge/scim-urls.js';
import { RunGroupCommand } from './group-command.js';
import { FindGroups, GetGroup } from './group-queries.js';
import { membersFromIndex } from './group-members.js';
import { groupRepresentation } from './group-representation.js';

/** RFC 7644 §3 for groups, which may have 1,000,000 members: nothing here reads them but an answer that must show them. */
@Controller('t/:tenant/scim/v2/Groups')
@UseGuards(TenantGuard)
export class GroupsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly edges: EdgeIndex,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
  ) {}

  @Post()
  async create(
    @Context() context: RequestContext,
    @Body() body: unknown,
    @Query() query: RawQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const projection = projectionOf(query, groupSchema);
    const { attributes, members = [] } = parseGroup(body, groupSchema);
    const id = newResourceId();
    const command: GroupCommand = { type: 'CreateGroup', data: { attributes, members: { kind: 'replace', members } } };
    const created = await this.run(context, id, command);
    await this.answer(created, { context, id, projection, status: 201 }, request, reply);
  }

  @Get()
  async find(
    @Context() context: RequestContext,
    @Query() query: RawQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const projection = projectionOf(query, groupSchema);
    const body = await this.queries.execute(new FindGroups(context.tenantId, listParameters(query), projection));
    await sendScim(request, reply, { status: 200, body });
  }

  @Get(':id')
  async get(
    @Context() context: RequestContext,
    @ResourceId() id: string,
    @Query() query: RawQuery,
    @Headers('if-none-match') known: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { tenantId } = context;
    const { revision, body } = await this.queries.execute(new GetGroup(tenantId, id, projectionOf(query, groupSchema)));
    const etag = entityTag(revision);
    if (matchesNone(known, revision)) return sendScim(request, reply, { status: 304, etag });
    await sendScim(request, reply, { status: 200, etag, location: this.urls.group(tenantId, id), body });
  }

  /** Members left out are removed: a PUT says what the group is (R82). */
  @Put(':id')
  async replace(
    @Context() context: RequestContext,
    @ResourceId() id: string,
    @Body() body: unknown,
    @Query() query: RawQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const projection = projectionOf(query, groupSchema);
    const { attributes, members = [] } = parseGroup(body, groupSchema);
    const command: GroupCommand = {
      type: 'ReplaceGroup',
      data: { attributes, members: { kind: 'replace', members }, schema: groupSchema },
    };
    const replaced = await this.run(context, id, command, request.headers['if-match']);
    await this.answer(replaced, { context, id, projection, status: 200 }, request, reply);
  }

  /** 204, so that no answer grows with the group; 200 only when the request names `attributes` (R99, C-E7). */
  @Patch(':id')
  async patch(
    @Context() context: RequestContext,
    @ResourceId() id: string,
    @Body() body: unknown,
    @Query() query: RawQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const projection = projectionOf(query, groupSchema);
    const { attributeOperations, memberOperations } = splitGroupPatch(parsePatchRequest(body), groupSchema);
    const data = { operations: attributeOperations, members: memberOperations, schema: groupSchema };
    const patched = await this.run(context, id, { type: 'PatchGroup', data }, request.headers['if-match']);
    if (query['attributes'] !== undefined)
      return this.answer(patched, { context, id, projection, status: 200 }, request, reply);
    await sendScim(request, reply, { status: 204, etag: entityTag(patched.revision) });
  }

  @Delete(':id')
  async delete(
    @Context() context: RequestContext,
    @ResourceId() id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.run(context, id, { type: 'DeleteGroup', data: {} }, request.headers['if-match']);
    await sendScim(request, reply, { status: 204 });
  }

  private run(
    { tenantId, metadata }: RequestContext,
    resourceId: string,
    command: GroupCommand,
    ifMatchHeader?: string,
  ): Promise<CommandResult<GroupState, GroupEvent>> {
    const precondition = ifMatch(ifMatchHeader);
    const request = {
      tenantId,
      resourceId,
      command,
      metadata,
      ...(precondition === undefined ? {} : { precondition }),
    };
    return this.commands.execute(new RunGroupCommand(request));
  }

  private async answer(
    result: CommandResult<GroupState, GroupEvent>,
    shown: { context: RequestContext; id: string; projection: Projection; status: 200 | 201 },
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const { state, revision, createdAt, changedAt } = result;
    if (state.status !== 'present' || createdAt === undefined || changedAt === undefined)
      throw new DomainError('resource-not-found', 'There is no group with this id.');
    const { context, id, projection, status } = shown;
    const { tenantId } = context;
    const { attributes } = state;
    const members = projection.excludes('members') ? undefined : await membersFromIndex(this.edges, tenantId, id);
    const group = { tenantId, id, attributes, revision, createdAt, changedAt, members };
    await sendScim(request, reply, {
      status,
      etag: entityTag(revision),
      location: this.urls.group(tenantId, id),
      body: groupRepresentation(group, this.urls, projection),
    });
  }
}
