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
import type { UserCommand, UserEvent, UserState } from '#directory';
import { DomainError, EdgeIndex, type CommandResult } from '#event-sourcing';
import { parsePatchRequest, parseUser, userSchema, type Projection } from '#scim';
import { newResourceId } from '../edge/new-id.js';
import { entityTag, ifMatch, matchesNone } from '../edge/preconditions.js';
import { listParameters, projectionOf, type RawQuery } from '../edge/query-parameters.js';
import { Context, type RequestContext } from '../edge/request-context.js';
import { ResourceId } from '../edge/resource-id.js';
import { sendScim } from '../edge/scim-reply.js';
import { ScimUrls } from '../edge/scim-urls.js';
import { FindUsers, GetUser } from './user-queries.js';
import { RunUserCommand } from './user-command.js';
import { GROUPS_SHOWN, userRepresentation, type GroupOfUser } from './user-representation.js';

/** RFC 7644 §3 for users. */
@Controller('t/:tenant/scim/v2/Users')
@UseGuards(TenantGuard)
export class UsersController {
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
    const projection = projectionOf(query, userSchema);
    const { attributes, active = true } = parseUser(body, userSchema);
    const id = newResourceId();
    const created = await this.run(context, id, { type: 'CreateUser', data: { attributes, active } });
    await this.answer(created, { context, id, projection, status: 201, groups: [] }, request, reply);
  }

  @Get()
  async find(
    @Context() context: RequestContext,
    @Query() query: RawQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const projection = projectionOf(query, userSchema);
    const body = await this.queries.execute(new FindUsers(context.tenantId, listParameters(query), projection));
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
    const { revision, body } = await this.queries.execute(new GetUser(tenantId, id, projectionOf(query, userSchema)));
    const etag = entityTag(revision);
    if (matchesNone(known, revision)) return sendScim(request, reply, { status: 304, etag });
    await sendScim(request, reply, { status: 200, etag, location: this.urls.user(tenantId, id), body });
  }

  @Put(':id')
  async replace(
    @Context() context: RequestContext,
    @ResourceId() id: string,
    @Body() body: unknown,
    @Query() query: RawQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const projection = projectionOf(query, userSchema);
    const { attributes, active } = parseUser(body, userSchema);
    const command: UserCommand = { type: 'ReplaceUser', data: { attributes, active, schema: userSchema } };
    const replaced = await this.run(context, id, command, request.headers['if-match']);
    await this.answer(replaced, { context, id, projection, status: 200 }, request, reply);
  }

  @Patch(':id')
  async patch(
    @Context() context: RequestContext,
    @ResourceId() id: string,
    @Body() body: unknown,
    @Query() query: RawQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const projection = projectionOf(query, userSchema);
    const command: UserCommand = {
      type: 'PatchUser',
      data: { operations: parsePatchRequest(body), schema: userSchema },
    };
    const patched = await this.run(context, id, command, request.headers['if-match']);
    await this.answer(patched, { context, id, projection, status: 200 }, request, reply);
  }

  @Delete(':id')
  async delete(
    @Context() context: RequestContext,
    @ResourceId() id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.run(context, id, { type: 'DeleteUser', data: {} }, request.headers['if-match']);
    await sendScim(request, reply, { status: 204 });
  }

  private run(
    { tenantId, metadata }: RequestContext,
    resourceId: string,
    command: UserCommand,
    ifMatchHeader?: string,
  ): Promise<CommandResult<UserState, UserEvent>> {
    const precondition = ifMatch(ifMatchHeader);
    const request = {
      tenantId,
      resourceId,
      command,
      metadata,
      ...(precondition === undefined ? {} : { precondition }),
    };
    return this.commands.execute(new RunUserCommand(request));
  }

  /** The user as the command left it, from the decider's own state: no read model is waited for. */
  private async answer(
    result: CommandResult<UserState, UserEvent>,
    shown: {
      context: RequestContext;
      id: string;
      projection: Projection;
      status: 200 | 201;
      groups?: readonly GroupOfUser[];
    },
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const { state, revision, createdAt, changedAt } = result;
    if (state.status !== 'present' || createdAt === undefined || changedAt === undefined)
      throw new DomainError('resource-not-found', 'There is no user with this id.');
    const { context, id, projection, status } = shown;
    const { tenantId } = context;
    const groups = shown.groups ?? (projection.excludes('groups') ? undefined : await this.groupsOf(tenantId, id));
    await sendScim(request, reply, {
      status,
      etag: entityTag(revision),
      location: this.urls.user(tenantId, id),
      body: userRepresentation(
        { ...state, tenantId, id, revision, createdAt, changedAt, groups },
        this.urls,
        projection,
      ),
    });
  }

  private async groupsOf(tenantId: string, id: string): Promise<readonly GroupOfUser[]> {
    return (await this.edges.sources(tenantId, id, GROUPS_SHOWN)).map((groupId) => ({ id: groupId }));
  }
}
