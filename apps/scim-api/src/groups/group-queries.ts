import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { groupStream } from '#directory';
import { CommandRunner, DomainError, EdgeIndex } from '#event-sourcing';
import { GroupQueries, ReadModelParked, type GroupRecord } from '#read-model';
import { listResponse, type ListResponse, type ScimObject } from '#scim';
import { findParameters } from '../edge/find-parameters.js';
import type { ListParameters } from '../edge/query-parameters.js';
import { connectionOf, type RequestContext } from '../edge/request-context.js';
import { ScimUrls } from '../edge/scim-urls.js';
import type { Showing } from '../resources/showing.js';
import { strictnessFor } from '../tenants/connection-profile.js';
import { PageCursors } from '../search/page-cursors.js';
import { GROUP_STREAM } from './group-command.js';
import { membersFromIndex } from './group-members.js';
import { groupRepresentation } from './group-representation.js';

export class GetGroup extends Query<{ revision: number; body: ScimObject }> {
  constructor(
    readonly tenantId: string,
    readonly id: string,
    readonly showing: Showing,
  ) {
    super();
  }
}

@QueryHandler(GetGroup)
export class GetGroupHandler implements IQueryHandler<GetGroup> {
  constructor(
    private readonly groups: GroupQueries,
    private readonly runner: CommandRunner,
    private readonly edges: EdgeIndex,
    @Inject(GROUP_STREAM) private readonly stream: ReturnType<typeof groupStream>,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
  ) {}

  async execute({ tenantId, id, showing }: GetGroup): Promise<{ revision: number; body: ScimObject }> {
    const shown = { members: !showing.projection.excludes('members') };
    const group = await this.groups.get(tenantId, id, shown).catch((error: unknown) => {
      if (error instanceof ReadModelParked) return this.fromStream(tenantId, id, shown.members);
      throw error;
    });
    if (group === undefined) throw new DomainError('resource-not-found', 'There is no group with this id.');
    return { revision: group.revision, body: groupRepresentation({ ...group, tenantId }, this.urls, showing) };
  }

  /** A parked read model does not keep a group from being read: stream and index tell the same (DESIGN §5). */
  private async fromStream(tenantId: string, id: string, showsMembers: boolean): Promise<GroupRecord | undefined> {
    const { state, revision, createdAt, changedAt } = await this.runner.read(this.stream, tenantId, id);
    if (state.status !== 'present' || createdAt === undefined || changedAt === undefined) return undefined;
    const members = showsMembers ? await membersFromIndex(this.edges, tenantId, id) : undefined;
    return { attributes: state.attributes, id, revision, createdAt, changedAt, members };
  }
}

export class FindGroups extends Query<ListResponse<ScimObject>> {
  constructor(
    readonly context: RequestContext,
    readonly parameters: ListParameters,
    readonly showing: Showing,
  ) {
    super();
  }
}

@QueryHandler(FindGroups)
export class FindGroupsHandler implements IQueryHandler<FindGroups> {
  constructor(
    private readonly groups: GroupQueries,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
    @Inject(PageCursors) private readonly cursors: PageCursors,
  ) {}

  async execute({ context, parameters, showing }: FindGroups): Promise<ListResponse<ScimObject>> {
    const { tenantId } = context;
    const paged = { context, endpoint: 'Groups', parameters } as const;
    const query = {
      ...findParameters(parameters, showing.schema, strictnessFor(connectionOf(context))),
      ...this.cursors.pageOf(paged),
    };
    const shownParts = { members: !showing.projection.excludes('members') };
    const { resources, totalResults, next } = await this.groups.find(tenantId, query, shownParts, showing.schema);
    const shown = resources.map((group) => groupRepresentation({ ...group, tenantId }, this.urls, showing));
    return listResponse({ resources: shown, totalResults, ...this.cursors.members(paged, next) });
  }
}
