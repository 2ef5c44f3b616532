import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { DirectoryQueries, type DirectoryRecord, type FindOfType } from '#read-model';
import {
  invalidValue,
  listResponse,
  parseFilter,
  resolveFilter,
  type ListResponse,
  type ResolveOptions,
  ScimError,
  type ResourceSchema,
  type ScimObject,
} from '#scim';
import { sortTarget } from '../edge/find-parameters.js';
import type { ListParameters, ProjectionParameters } from '../edge/query-parameters.js';
import { connectionOf, type RequestContext } from '../edge/request-context.js';
import { ScimUrls } from '../edge/scim-urls.js';
import { customRepresentation } from '../custom/custom-representation.js';
import { groupRepresentation } from '../groups/group-representation.js';
import { strictnessFor } from '../tenants/connection-profile.js';
import { showingOf } from '../resources/change.js';
import { schemasOfView } from '../tenants/tenant-view.js';
import { TenantViews } from '../tenants/tenant-views.js';
import { shownOf } from '../users/user-queries.js';
import { userRepresentation } from '../users/user-representation.js';
import { PageCursors } from './page-cursors.js';

/** A query over all resource types (RFC 7644 §3.4.2.1). */
export class FindDirectory extends Query<ListResponse<ScimObject>> {
  constructor(
    readonly context: RequestContext,
    readonly parameters: ListParameters,
    readonly options: ProjectionParameters,
  ) {
    super();
  }
}

@QueryHandler(FindDirectory)
export class FindDirectoryHandler implements IQueryHandler<FindDirectory> {
  constructor(
    private readonly directory: DirectoryQueries,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
    @Inject(TenantViews) private readonly views: TenantViews,
    @Inject(PageCursors) private readonly cursors: PageCursors,
  ) {}

  async execute({ context, parameters, options: shown }: FindDirectory): Promise<ListResponse<ScimObject>> {
    const { tenantId } = context;
    const view = await this.views.of(context.tenant);
    const shownBy = (schema: ResourceSchema) => showingOf(schema, shown);
    const [user, group] = [shownBy(view.user), shownBy(view.group)];
    const own = new Map(view.custom.map((schema) => [schema.resourceType.name, shownBy(schema)]));
    const paged = { context, endpoint: '', parameters } as const;
    const options = { ...strictnessFor(connectionOf(context)), alongside: schemasOfView(view) };
    const find = (schema: ResourceSchema): FindOfType => ofType(parameters, schema, options);
    const users = { ...find(view.user), shown: shownOf(user.projection) };
    const groups = { ...find(view.group), shown: { members: !group.projection.excludes('members') } };
    const custom = view.custom.flatMap((schema) => comparable(() => find(schema)));
    refuseUnknownSort(parameters, [users, groups, ...custom]);
    const query = { users, groups, custom, order: parameters.sortOrder, ...this.cursors.pageOf(paged) };
    const { records, totalResults, next } = await this.directory.find(tenantId, query);
    const represent = (record: DirectoryRecord): ScimObject => {
      if (record.kind === 'User') return userRepresentation({ ...record.user, tenantId }, this.urls, user);
      if (record.kind === 'Group') return groupRepresentation({ ...record.group, tenantId }, this.urls, group);
      const showing = own.get(record.resourceType) ?? user; // every type that was asked for is there
      return customRepresentation(tenantId, record.resource, this.urls, showing);
    };
    const resources = records.map(represent);
    return listResponse({ resources, totalResults, ...this.cursors.members(paged, next) });
  }
}

/** What the query means for one type: what this one does not know has no value (R53). */
const ofType = ({ filter, sortBy }: ListParameters, schema: ResourceSchema, options: ResolveOptions): FindOfType => ({
  schema,
  filter: filter === undefined ? undefined : resolveFilter(parseFilter(filter), schema, options),
  sort: sortBy === undefined ? undefined : sortTarget(sortBy, schema),
});

/** Names mean in a tenant's own type what its schema says: where that cannot be compared, or ordered, nothing of the type is meant. */
const comparable = (find: () => FindOfType): readonly FindOfType[] => {
  try {
    return [find()];
  } catch (error) {
    if (error instanceof ScimError) return [];
    throw error;
  }
};

const refuseUnknownSort = ({ sortBy }: ListParameters, types: readonly FindOfType[]): void => {
  if (sortBy !== undefined && types.every(({ sort }) => sort === undefined))
    throw invalidValue('"sortBy" must name an attribute of a resource.');
};
