import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { DomainError } from '#event-sourcing';
import { UserQueries, type UserRecord } from '#read-model';
import { listResponse, userSchema, type ListResponse, type Projection, type ScimObject } from '#scim';
import { findParameters } from '../edge/find-parameters.js';
import type { ListParameters } from '../edge/query-parameters.js';
import { ScimUrls } from '../edge/scim-urls.js';
import { userRepresentation } from './user-representation.js';

export class GetUser extends Query<{ revision: number; body: ScimObject }> {
  constructor(
    readonly tenantId: string,
    readonly id: string,
    readonly projection: Projection,
  ) {
    super();
  }
}

@QueryHandler(GetUser)
export class GetUserHandler implements IQueryHandler<GetUser> {
  constructor(
    private readonly users: UserQueries,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
  ) {}

  async execute({ tenantId, id, projection }: GetUser): Promise<{ revision: number; body: ScimObject }> {
    const user = await this.users.get(tenantId, id, shownOf(projection));
    if (user === undefined) throw new DomainError('resource-not-found', 'There is no user with this id.');
    return { revision: user.revision, body: represent(user, tenantId, this.urls, projection) };
  }
}

export class FindUsers extends Query<ListResponse<ScimObject>> {
  constructor(
    readonly tenantId: string,
    readonly parameters: ListParameters,
    readonly projection: Projection,
  ) {
    super();
  }
}

@QueryHandler(FindUsers)
export class FindUsersHandler implements IQueryHandler<FindUsers> {
  constructor(
    private readonly users: UserQueries,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
  ) {}

  async execute({ tenantId, parameters, projection }: FindUsers): Promise<ListResponse<ScimObject>> {
    const query = findParameters(parameters, userSchema);
    const { resources, totalResults } = await this.users.find(tenantId, query, shownOf(projection));
    const shown = resources.map((user) => represent(user, tenantId, this.urls, projection));
    return listResponse({ resources: shown, totalResults, startIndex: parameters.startIndex });
  }
}

const shownOf = (projection: Projection) => ({
  groups: !projection.excludes('groups'),
  managerDisplayName: !projection.excludes(`${ENTERPRISE_USER}:manager`),
});

const ENTERPRISE_USER = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const represent = (user: UserRecord, tenantId: string, urls: ScimUrls, projection: Projection): ScimObject =>
  userRepresentation({ ...user, tenantId }, urls, projection);
