import { Inject, Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { GroupCommand, GroupEvent, GroupState } from '#directory';
import { DomainError, EdgeIndex, type CommandResult } from '#event-sourcing';
import {
  groupSchema,
  parseGroup,
  parsePatchRequest,
  parseProjection,
  splitGroupPatch,
  type ListResponse,
  type ScimObject,
} from '#scim';
import { newResourceId } from '../edge/new-id.js';
import { entityTag, ifMatch, matchesNone } from '../edge/preconditions.js';
import type { ListParameters, ProjectionParameters } from '../edge/query-parameters.js';
import type { RequestContext } from '../edge/request-context.js';
import type { ScimAnswer } from '../edge/scim-reply.js';
import { ScimUrls } from '../edge/scim-urls.js';
import { ResourceOperations, type RequestOptions } from '../resources/resource-operations.js';
import { RunGroupCommand } from './group-command.js';
import { membersFromIndex } from './group-members.js';
import { FindGroups, GetGroup } from './group-queries.js';
import { groupRepresentation } from './group-representation.js';

interface Shown {
  readonly context: RequestContext;
  readonly id: string;
  readonly options: ProjectionParameters;
  readonly status: 200 | 201;
}

/** RFC 7644 §3 for groups, which may have 1,000,000 members: nothing here reads them but an answer that must show them. */
@Injectable()
export class GroupOperations extends ResourceOperations {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly edges: EdgeIndex,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
  ) {
    super();
  }

  async create(context: RequestContext, body: unknown, options: RequestOptions): Promise<ScimAnswer> {
    const { attributes, members = [] } = parseGroup(body, groupSchema);
    const id = newResourceId();
    const command: GroupCommand = { type: 'CreateGroup', data: { attributes, members: { kind: 'replace', members } } };
    return this.answer(await this.run(context, id, command, options), {
      context,
      id,
      options,
      status: 201,
    });
  }

  async get({ tenantId }: RequestContext, id: string, options: RequestOptions): Promise<ScimAnswer> {
    const projection = parseProjection(options, groupSchema);
    const { revision, body } = await this.queries.execute(new GetGroup(tenantId, id, projection));
    const etag = entityTag(revision);
    if (matchesNone(options.ifNoneMatch, revision)) return { status: 304, etag };
    return { status: 200, etag, location: this.urls.group(tenantId, id), body };
  }

  find(
    { tenantId }: RequestContext,
    query: ListParameters,
    options: ProjectionParameters,
  ): Promise<ListResponse<ScimObject>> {
    return this.queries.execute(new FindGroups(tenantId, query, parseProjection(options, groupSchema)));
  }

  /** Members left out are removed: a PUT says what the group is (R82). */
  async replace(context: RequestContext, id: string, body: unknown, options: RequestOptions): Promise<ScimAnswer> {
    const { attributes, members = [] } = parseGroup(body, groupSchema);
    const data = { attributes, members: { kind: 'replace' as const, members }, schema: groupSchema };
    const replaced = await this.run(context, id, { type: 'ReplaceGroup', data }, options);
    return this.answer(replaced, { context, id, options, status: 200 });
  }

  /** 204, so that no answer grows with the group; 200 only when the request names `attributes` (R99, C-E7). */
  async patch(context: RequestContext, id: string, body: unknown, options: RequestOptions): Promise<ScimAnswer> {
    const { attributeOperations, memberOperations } = splitGroupPatch(parsePatchRequest(body), groupSchema);
    const data = { operations: attributeOperations, members: memberOperations, schema: groupSchema };
    const patched = await this.run(context, id, { type: 'PatchGroup', data }, options);
    if (options.attributes !== undefined) return this.answer(patched, { context, id, options, status: 200 });
    return { status: 204, etag: entityTag(patched.revision) };
  }

  async delete(context: RequestContext, id: string, options: RequestOptions): Promise<ScimAnswer> {
    await this.run(context, id, { type: 'DeleteGroup', data: {} }, options);
    return { status: 204 };
  }

  private run(
    { tenantId, metadata }: RequestContext,
    resourceId: string,
    command: GroupCommand,
    options: RequestOptions,
  ): Promise<CommandResult<GroupState, GroupEvent>> {
    parseProjection(options, groupSchema); // refused before anything is written
    const precondition = ifMatch(options.ifMatch);
    const request = {
      tenantId,
      resourceId,
      command,
      metadata,
      ...(precondition === undefined ? {} : { precondition }),
    };
    return this.commands.execute(new RunGroupCommand(request));
  }

  /** The group as the command left it; members come from the log's own index, exact right after the write. */
  private async answer(result: CommandResult<GroupState, GroupEvent>, shown: Shown): Promise<ScimAnswer> {
    const { state, revision, createdAt, changedAt } = result;
    if (state.status !== 'present' || createdAt === undefined || changedAt === undefined)
      throw new DomainError('resource-not-found', 'There is no group with this id.');
    const { context, id, options, status } = shown;
    const { tenantId } = context;
    const projection = parseProjection(options, groupSchema);
    const members = projection.excludes('members') ? undefined : await membersFromIndex(this.edges, tenantId, id);
    const group = { tenantId, id, attributes: state.attributes, revision, createdAt, changedAt, members };
    const body = groupRepresentation(group, this.urls, projection);
    return { status, etag: entityTag(revision), location: this.urls.group(tenantId, id), body };
  }
}
