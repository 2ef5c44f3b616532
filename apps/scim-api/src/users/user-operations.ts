import { Inject, Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { UserCommand, UserEvent, UserState } from '#directory';
import { DomainError, EdgeIndex, type CommandResult } from '#event-sourcing';
import { parsePatchRequest, parseProjection, parseUser, userSchema, type ListResponse, type ScimObject } from '#scim';
import { newResourceId } from '../edge/new-id.js';
import { entityTag, ifMatch, matchesNone } from '../edge/preconditions.js';
import type { ListParameters, ProjectionParameters } from '../edge/query-parameters.js';
import type { RequestContext } from '../edge/request-context.js';
import type { ScimAnswer } from '../edge/scim-reply.js';
import { ScimUrls } from '../edge/scim-urls.js';
import { ResourceOperations, type RequestOptions } from '../resources/resource-operations.js';
import { RunUserCommand } from './user-command.js';
import { FindUsers, GetUser } from './user-queries.js';
import { GROUPS_SHOWN, userRepresentation, type GroupOfUser } from './user-representation.js';

interface Shown {
  readonly context: RequestContext;
  readonly id: string;
  readonly options: ProjectionParameters;
  readonly status: 200 | 201;
}

/** RFC 7644 §3 for users. */
@Injectable()
export class UserOperations extends ResourceOperations {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly edges: EdgeIndex,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
  ) {
    super();
  }

  async create(context: RequestContext, body: unknown, options: RequestOptions): Promise<ScimAnswer> {
    const { attributes, active = true } = parseUser(body, userSchema);
    const id = newResourceId();
    const created = await this.run(context, id, { type: 'CreateUser', data: { attributes, active } }, options);
    return this.answer(created, { context, id, options, status: 201 });
  }

  async get({ tenantId }: RequestContext, id: string, options: RequestOptions): Promise<ScimAnswer> {
    const projection = parseProjection(options, userSchema);
    const { revision, body } = await this.queries.execute(new GetUser(tenantId, id, projection));
    const etag = entityTag(revision);
    if (matchesNone(options.ifNoneMatch, revision)) return { status: 304, etag };
    return { status: 200, etag, location: this.urls.user(tenantId, id), body };
  }

  find(
    { tenantId }: RequestContext,
    query: ListParameters,
    options: ProjectionParameters,
  ): Promise<ListResponse<ScimObject>> {
    return this.queries.execute(new FindUsers(tenantId, query, parseProjection(options, userSchema)));
  }

  async replace(context: RequestContext, id: string, body: unknown, options: RequestOptions): Promise<ScimAnswer> {
    const { attributes, active } = parseUser(body, userSchema);
    const command: UserCommand = { type: 'ReplaceUser', data: { attributes, active, schema: userSchema } };
    return this.answer(await this.run(context, id, command, options), { context, id, options, status: 200 });
  }

  async patch(context: RequestContext, id: string, body: unknown, options: RequestOptions): Promise<ScimAnswer> {
    const command: UserCommand = {
      type: 'PatchUser',
      data: { operations: parsePatchRequest(body), schema: userSchema },
    };
    return this.answer(await this.run(context, id, command, options), { context, id, options, status: 200 });
  }

  async delete(context: RequestContext, id: string, options: RequestOptions): Promise<ScimAnswer> {
    await this.run(context, id, { type: 'DeleteUser', data: {} }, options);
    return { status: 204 };
  }

  private run(
    { tenantId, metadata }: RequestContext,
    resourceId: string,
    command: UserCommand,
    options: RequestOptions,
  ): Promise<CommandResult<UserState, UserEvent>> {
    parseProjection(options, userSchema); // refused before anything is written
    const precondition = ifMatch(options.ifMatch);
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
  private async answer(result: CommandResult<UserState, UserEvent>, shown: Shown): Promise<ScimAnswer> {
    const { state, revision, createdAt, changedAt } = result;
    if (state.status !== 'present' || createdAt === undefined || changedAt === undefined)
      throw new DomainError('resource-not-found', 'There is no user with this id.');
    const { context, id, options, status } = shown;
    const { tenantId } = context;
    const projection = parseProjection(options, userSchema);
    const isInGroups = status === 200 && !projection.excludes('groups'); // a new user is in none
    const groups = isInGroups ? await this.groupsOf(tenantId, id) : undefined;
    const user = { ...state, tenantId, id, revision, createdAt, changedAt, groups };
    const body = userRepresentation(user, this.urls, projection);
    return { status, etag: entityTag(revision), location: this.urls.user(tenantId, id), body };
  }

  private async groupsOf(tenantId: string, id: string): Promise<readonly GroupOfUser[]> {
    return (await this.edges.sources(tenantId, id, GROUPS_SHOWN)).map((groupId) => ({ id: groupId }));
  }
}
