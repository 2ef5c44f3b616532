import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { DomainError } from '#event-sourcing';
import { GroupQueries } from '#read-model';
import { groupSchema, listResponse, type ListResponse, type Projection, type ScimObject } from '#scim';
import { findParameters } from '../edge/find-parameters.js';
import type { ListParameters } from '../edge/query-parameters.js';
import { ScimUrls } from '../edge/scim-urls.js';
import { groupRepresentation } from './group-representation.js';

export class GetGroup extends Query<{ revision: number; body: ScimObject }> {
  constructor(
    readonly tenantId: string,
    readonly id: string,
    readonly projection: Projection,
  ) {
    super();
  }
}

@QueryHandler(GetGroup)
export class GetGroupHandler implements IQueryHandler<GetGroup> {
  constructor(
    private readonly groups: GroupQueries,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
  ) {}

  async execute({ tenantId, id, projection }: GetGroup): Promise<{ revision: number; body: ScimObject }> {
    const group = await this.groups.get(tenantId, id, { members: !projection.excludes('members') });
    if (group === undefined) throw new DomainError('resource-not-found', 'There is no group with this id.');
    return { revision: group.revision, body: groupRepresentation({ ...group, tenantId }, this.urls, projection) };
  }
}

export class FindGroups extends Query<ListResponse<ScimObject>> {
  constructor(
    readonly tenantId: string,
    readonly parameters: ListParameters,
    readonly projection: Projection,
  ) {
    super();
  }
}

@QueryHandler(FindGroups)
export class FindGroupsHandler implements IQueryHandler<FindGroups> {
  constructor(
    private readonly groups: GroupQueries,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
  ) {}

  async execute({ tenantId, parameters, projection }: FindGroups): Promise<ListResponse<ScimObject>> {
    const query = findParameters(parameters, groupSchema);
    const { resources, totalResults } = await this.groups.find(tenantId, query, {
      members: !projection.excludes('members'),
    });
    const shown = resources.map((group) => groupRepresentation({ ...group, tenantId }, this.urls, projection));
    return listResponse({ resources: shown, totalResults, startIndex: parameters.startIndex });
  }
}
