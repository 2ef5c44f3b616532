import { Inject, Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { GroupCommand, GroupEvent, GroupState } from '#directory';
import { DomainError, EdgeIndex, type CommandResult } from '#event-sourcing';
import { parseGroup, parsePatchRequest, splitGroupPatch, type ListResponse, type ScimObject } from '#scim';
import { newResourceId } from '../edge/new-id.js';
import { entityTag } from '../edge/preconditions.js';
import type { ListParameters, ProjectionParameters } from '../edge/query-parameters.js';
import { connectionOf, type RequestContext } from '../edge/request-context.js';
import type { ScimAnswer } from '../edge/scim-reply.js';
import { ScimUrls } from '../edge/scim-urls.js';
import { changedAnswer, readAnswer, requestOf, showingOf, versionOf, type Change } from '../resources/change.js';
import { ResourceOperations, type RequestOptions } from '../resources/resource-operations.js';
import type { Showing } from '../resources/showing.js';
import { strictnessFor } from '../tenants/connection-profile.js';
import { TenantViews } from '../tenants/tenant-views.js';
import { RunGroupCommand } from './group-command.js';
import { membersFromIndex } from './group-members.js';
import { GroupNames, nameGiven } from './group-names.js';
import { FindGroups, GetGroup } from './group-queries.js';
import { groupRepresentation } from './group-representation.js';

/** RFC 7644 §3 for groups, which may have 1,000,000 members: nothing here reads them but an answer that must show them. */
@Injectable()
export class GroupOperations extends ResourceOperations {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly edges: EdgeIndex,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
    @Inject(TenantViews) private readonly views: TenantViews,
    private readonly names: GroupNames,
  ) {
    super();
  }

  async create(context: RequestContext, body: unknown, options: RequestOptions): Promise<ScimAnswer> {
    const showing = await this.showing(context, options);
    const { attributes, members = [] } = parseGroup(body, showing.schema, strictnessFor(connectionOf(context)));
    const change = { context, id: options.newId ?? newResourceId(), options, showing };
    await this.names.check(context, attributes['displayName'], change.id);
    const command: GroupCommand = { type: 'CreateGroup', data: { attributes, members: { kind: 'replace', members } } };
    return this.answer(await this.run(command, change), change, 201);
  }

  async get(context: RequestContext, id: string, options: RequestOptions): Promise<ScimAnswer> {
    const { tenantId } = context;
    const showing = await this.showing(context, options);
    const group = await this.queries.execute(new GetGroup(tenantId, id, showing));
    return readAnswer(options, { ...group, location: this.urls.group(tenantId, id) });
  }

  async find(
    context: RequestContext,
    query: ListParameters,
    options: ProjectionParameters,
  ): Promise<ListResponse<ScimObject>> {
    return this.queries.execute(new FindGroups(context, query, await this.showing(context, options)));
  }

  /** Members left out are removed: a PUT says what the group is (R82). */
  async replace(context: RequestContext, id: string, body: unknown, options: RequestOptions): Promise<ScimAnswer> {
    const showing = await this.showing(context, options);
    const { schema } = showing;
    const { attributes, members = [] } = parseGroup(body, schema, strictnessFor(connectionOf(context)));
    const change = { context, id, options, showing };
    await this.names.check(context, attributes['displayName'], id);
    const data = { attributes, members: { kind: 'replace' as const, members }, schema };
    return this.answer(await this.run({ type: 'ReplaceGroup', data }, change), change, 200);
  }

  /** 204, so that no answer grows with the group; 200 only when the request names `attributes` (R99, C-E7). */
  async patch(context: RequestContext, id: string, body: unknown, options: RequestOptions): Promise<ScimAnswer> {
    const showing = await this.showing(context, options);
    const { schema } = showing;
    const strictness = strictnessFor(connectionOf(context));
    const operations = parsePatchRequest(body, strictness);
    const { attributeOperations, memberOperations } = splitGroupPatch(operations, schema, strictness);
    const change = { context, id, options, showing };
    await this.names.check(context, nameGiven(attributeOperations), id);
    const data = { operations: attributeOperations, members: memberOperations, schema, options: strictness };
    const patched = await this.run({ type: 'PatchGroup', data }, change);
    if (options.attributes !== undefined) return this.answer(patched, change, 200);
    return { status: 204, etag: entityTag(patched.revision) };
  }

  async delete(context: RequestContext, id: string, options: RequestOptions): Promise<ScimAnswer> {
    const showing = await this.showing(context, options);
    await this.run({ type: 'DeleteGroup', data: {} }, { context, id, options, showing });
    return { status: 204 };
  }

  private async showing({ tenant }: RequestContext, options: ProjectionParameters): Promise<Showing> {
    return showingOf((await this.views.of(tenant)).group, options);
  }

  private run(command: GroupCommand, change: Change): Promise<CommandResult<GroupState, GroupEvent>> {
    checkGroupsSwitch(change.context);
    return this.commands.execute(new RunGroupCommand(requestOf(command, change)));
  }

  /** The group as the command left it; members come from the log's own index, exact right after the write. */
  private async answer(
    result: CommandResult<GroupState, GroupEvent>,
    { context: { tenantId }, id, showing }: Change,
    status: 200 | 201,
  ): Promise<ScimAnswer> {
    const version = versionOf(result, 'group');
    const isShown = !showing.projection.excludes('members');
    const members = isShown ? await membersFromIndex(this.edges, tenantId, id) : undefined;
    const body = groupRepresentation({ ...version, tenantId, id, members }, this.urls, showing);
    return changedAnswer(status, { revision: version.revision, location: this.urls.group(tenantId, id), body });
  }
}

/** F12: Push Groups. */
const checkGroupsSwitch = ({ tenant }: RequestContext): void => {
  if (!tenant.settings.provisioning.groups)
    throw new DomainError('operation-off', 'Changing groups is switched off here (provisioning.groups).');
};
