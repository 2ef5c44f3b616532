import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { userStream } from '#directory';
import { CommandRunner, DomainError, EdgeIndex } from '#event-sourcing';
import { ReadModelParked, UserQueries, type ShownOfUser, type UserRecord } from '#read-model';
import { listResponse, type ListResponse, type Projection, type ScimObject } from '#scim';
import { findParameters } from '../edge/find-parameters.js';
import type { ListParameters } from '../edge/query-parameters.js';
import { connectionOf, type RequestContext } from '../edge/request-context.js';
import { ScimUrls } from '../edge/scim-urls.js';
import type { Showing } from '../resources/showing.js';
import { strictnessFor } from '../tenants/connection-profile.js';
import { PageCursors } from '../search/page-cursors.js';
import { GROUPS_SHOWN, userRepresentation } from './user-representation.js';

export class GetUser extends Query<{ revision: number; body: ScimObject }> {
  constructor(
    readonly tenantId: string,
    readonly id: string,
    readonly showing: Showing,
  ) {
    super();
  }
}

@QueryHandler(GetUser)
export class GetUserHandler implements IQueryHandler<GetUser> {
  constructor(
    private readonly users: UserQueries,
    private readonly runner: CommandRunner,
    private readonly edges: EdgeIndex,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
  ) {}

  async execute({ tenantId, id, showing }: GetUser): Promise<{ revision: number; body: ScimObject }> {
    const user = await this.users.get(tenantId, id, shownOf(showing.projection)).catch((error: unknown) => {
      if (error instanceof ReadModelParked) return this.fromStream(tenantId, id);
      throw error;
    });
    if (user === undefined) throw new DomainError('resource-not-found', 'There is no user with this id.');
    return { revision: user.revision, body: represent(user, tenantId, this.urls, showing) };
  }

  /** A parked read model does not keep a user from being read: the stream tells the same (DESIGN §5). */
  private async fromStream(tenantId: string, id: string): Promise<UserRecord | undefined> {
    const { state, revision, createdAt, changedAt } = await this.runner.read(userStream, tenantId, id);
    if (state.status !== 'present' || createdAt === undefined || changedAt === undefined) return undefined;
    const groups = (await this.edges.sources(tenantId, id, GROUPS_SHOWN)).map((groupId) => ({ id: groupId }));
    return { ...state, id, revision, createdAt, changedAt, groups, managerDisplayName: undefined };
  }
}

export class FindUsers extends Query<ListResponse<ScimObject>> {
  constructor(
    readonly context: RequestContext,
    readonly parameters: ListParameters,
    readonly showing: Showing,
  ) {
    super();
  }
}

@QueryHandler(FindUsers)
export class FindUsersHandler implements IQueryHandler<FindUsers> {
  constructor(
    private readonly users: UserQueries,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
    @Inject(PageCursors) private readonly cursors: PageCursors,
  ) {}

  async execute({ context, parameters, showing }: FindUsers): Promise<ListResponse<ScimObject>> {
    const { tenantId } = context;
    const { schema, projection } = showing;
    const paged = { context, endpoint: 'Users', parameters } as const;
    const query = {
      ...findParameters(parameters, schema, strictnessFor(connectionOf(context))),
      ...this.cursors.pageOf(paged),
    };
    const { resources, totalResults, next } = await this.users.find(tenantId, query, shownOf(projection), schema);
    const shown = resources.map((user) => represent(user, tenantId, this.urls, showing));
    return listResponse({ resources: shown, totalResults, ...this.cursors.members(paged, next) });
  }
}

/** The derived parts that an answer shows: nothing else of them is read. */
export const shownOf = (projection: Projection): ShownOfUser => ({
  groups: !projection.excludes('groups'),
  managerDisplayName: !projection.excludes(`${ENTERPRISE_USER}:manager`),
});

const ENTERPRISE_USER = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const represent = (user: UserRecord, tenantId: string, urls: ScimUrls, showing: Showing): ScimObject =>
  userRepresentation({ ...user, tenantId }, urls, showing);
