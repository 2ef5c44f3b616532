import { Inject, Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { UserCommand, UserEvent, UserState } from '#directory';
import { EdgeIndex, type CommandResult } from '#event-sourcing';
import { parsePatchRequest, parseUser, type ListResponse, type PatchOperation, type ScimObject } from '#scim';
import { newResourceId } from '../edge/new-id.js';
import type { ListParameters, ProjectionParameters } from '../edge/query-parameters.js';
import { connectionOf, type RequestContext } from '../edge/request-context.js';
import type { ScimAnswer } from '../edge/scim-reply.js';
import { ScimUrls } from '../edge/scim-urls.js';
import { changedAnswer, readAnswer, requestOf, showingOf, versionOf, type Change } from '../resources/change.js';
import { ResourceOperations, type RequestOptions } from '../resources/resource-operations.js';
import type { Showing } from '../resources/showing.js';
import { strictnessFor } from '../tenants/connection-profile.js';
import { TenantViews } from '../tenants/tenant-views.js';
import { UserLimit } from '../tenants/user-limit.js';
import { RunUserCommand } from './user-command.js';
import { FindUsers, GetUser } from './user-queries.js';
import { GROUPS_SHOWN, userRepresentation, type GroupOfUser } from './user-representation.js';

const takeAccess: readonly PatchOperation[] = [{ op: 'replace', path: 'active', value: false }];

/** RFC 7644 §3 for users. */
@Injectable()
export class UserOperations extends ResourceOperations {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly edges: EdgeIndex,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
    @Inject(TenantViews) private readonly views: TenantViews,
    private readonly limit: UserLimit,
  ) {
    super();
  }

  async create(context: RequestContext, body: unknown, options: RequestOptions): Promise<ScimAnswer> {
    const showing = await this.showing(context, options);
    const { attributes, active = true } = parseUser(body, showing.schema, strictnessFor(connectionOf(context)));
    const change = { context, id: options.newId ?? newResourceId(), options, showing };
    const command = { type: 'CreateUser', data: { attributes, active } } as const;
    return this.answer(await this.limit.within(context, () => this.run(command, change)), change, 201);
  }

  async get(context: RequestContext, id: string, options: RequestOptions): Promise<ScimAnswer> {
    const { tenantId } = context;
    const showing = await this.showing(context, options);
    const user = await this.queries.execute(new GetUser(tenantId, id, showing));
    return readAnswer(options, { ...user, location: this.urls.user(tenantId, id) });
  }

  async find(
    context: RequestContext,
    query: ListParameters,
    options: ProjectionParameters,
  ): Promise<ListResponse<ScimObject>> {
    return this.queries.execute(new FindUsers(context, query, await this.showing(context, options)));
  }

  async replace(context: RequestContext, id: string, body: unknown, options: RequestOptions): Promise<ScimAnswer> {
    const showing = await this.showing(context, options);
    const { schema } = showing;
    const change = { context, id, options, showing };
    const data = { ...parseUser(body, schema, strictnessFor(connectionOf(context))), schema };
    return this.answer(await this.run({ type: 'ReplaceUser', data }, change), change, 200);
  }

  async patch(context: RequestContext, id: string, body: unknown, options: RequestOptions): Promise<ScimAnswer> {
    const showing = await this.showing(context, options);
    const change = { context, id, options, showing };
    const strictness = strictnessFor(connectionOf(context));
    const data = { operations: parsePatchRequest(body, strictness), schema: showing.schema, options: strictness };
    return this.answer(await this.run({ type: 'PatchUser', data }, change), change, 200);
  }

  /** The user goes, or only loses access, as the tenant's delete policy says. */
  async delete(context: RequestContext, id: string, options: RequestOptions): Promise<ScimAnswer> {
    const showing = await this.showing(context, options);
    const command: UserCommand =
      context.tenant.settings.deletePolicy === 'hard'
        ? { type: 'DeleteUser', data: {} }
        : { type: 'PatchUser', data: { operations: takeAccess, schema: showing.schema } };
    await this.run(command, { context, id, options, showing });
    return { status: 204 };
  }

  private async showing({ tenant }: RequestContext, options: ProjectionParameters): Promise<Showing> {
    return showingOf((await this.views.of(tenant)).user, options);
  }

  private run(command: UserCommand, change: Change): Promise<CommandResult<UserState, UserEvent>> {
    return this.commands.execute(new RunUserCommand(requestOf(command, change)));
  }

  /** The user as the command left it, from the decider's own state: no read model is waited for. */
  private async answer(
    result: CommandResult<UserState, UserEvent>,
    { context: { tenantId }, id, showing }: Change,
    status: 200 | 201,
  ): Promise<ScimAnswer> {
    const version = versionOf(result, 'user');
    const isInGroups = status === 200 && !showing.projection.excludes('groups'); // a new user is in none
    const groups = isInGroups ? await this.groupsOf(tenantId, id) : undefined;
    const body = userRepresentation({ ...version, tenantId, id, groups }, this.urls, showing);
    return changedAnswer(status, { revision: version.revision, location: this.urls.user(tenantId, id), body });
  }

  private async groupsOf(tenantId: string, id: string): Promise<readonly GroupOfUser[]> {
    return (await this.edges.sources(tenantId, id, GROUPS_SHOWN)).map((groupId) => ({ id: groupId }));
  }
}
