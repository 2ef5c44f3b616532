import { Inject, Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import {
  AcceptedRequests,
  AccessModule,
  IdempotencyKeys,
  RefusedRequests,
  type AccessOptions,
  type TenantSchemas,
} from '#access';
import { groupStream } from '#directory';
import { EdgeIndex, EventLog, Sealer } from '#event-sourcing';
import { TenantDatabase } from '#postgres';
import { CustomQueries, DirectoryQueries, GroupQueries, UserQueries, type ResourceReader } from '#read-model';
import { ErrorFormats, SETTINGS, type Settings } from '#runtime';
import { AcceptedWorkRunner } from './asynchronous/accepted-work-runner.js';
import { AsynchronousRequests } from './asynchronous/asynchronous-requests.js';
import { LEASE_SECONDS } from './asynchronous/lease.js';
import { RequestStatusController } from './asynchronous/request-status.controller.js';
import { RespondAsync } from './asynchronous/respond-async.interceptor.js';
import { BulkController } from './bulk/bulk.controller.js';
import { bulkErrorAnswer } from './bulk/bulk-errors.js';
import { BulkJobs } from './bulk/bulk-jobs.js';
import { BulkLimits } from './bulk/bulk-limits.js';
import { RunResourceCommandHandler } from './custom/custom-command.js';
import { CustomController } from './custom/custom.controller.js';
import { CustomResources } from './custom/custom-operations.js';
import { FindResourcesOfTypeHandler, GetResourceHandler } from './custom/custom-queries.js';
import { KnownEndpoint } from './custom/known-endpoint.guard.js';
import { CredentialIfAny } from './discovery/credential-if-any.guard.js';
import { DiscoveryController } from './discovery/discovery.controller.js';
import { scimErrorAnswer } from './edge/scim-errors.js';
import { ScimUrls } from './edge/scim-urls.js';
import { UnknownEndpointController } from './edge/unknown-endpoint.controller.js';
import { GROUP_STREAM, RunGroupCommandHandler } from './groups/group-command.js';
import { FindGroupsHandler, GetGroupHandler } from './groups/group-queries.js';
import { GroupNames } from './groups/group-names.js';
import { GroupsController } from './groups/groups.controller.js';
import { GroupOperations } from './groups/group-operations.js';
import { RefusalLog } from './refusals/refusal-log.js';
import { RepeatableCreation } from './resources/repeatable-creation.js';
import { ResourceEndpoints } from './resources/resource-endpoints.js';
import { FindDirectoryHandler } from './search/find-directory.js';
import { PageCursors } from './search/page-cursors.js';
import { SearchController } from './search/search.controller.js';
import { TenantTurns } from './tenants/tenant-turns.js';
import { TenantViews } from './tenants/tenant-views.js';
import { UserLimit } from './tenants/user-limit.js';
import { UserOperations } from './users/user-operations.js';
import { RunUserCommandHandler } from './users/user-command.js';
import { FindUsersHandler, GetUserHandler } from './users/user-queries.js';
import { UsersController } from './users/users.controller.js';

const SCIM = /^\/t\/[^/]+\/scim(\/|$)/;

export interface ScimApiOptions {
  readonly urls: ScimUrls;
  readonly reader: ResourceReader;
  readonly access: AccessOptions;
  readonly schemas: TenantSchemas;
  readonly cursors: PageCursors;
  readonly bulk: BulkLimits;
  readonly turns: TenantTurns;
}

/** SCIM 2.0: commands to the log, queries from the read model. Needs RuntimeModule and StoresModule beside it. */
@Module({})
export class ScimApiModule implements OnModuleInit {
  constructor(
    private readonly formats: ErrorFormats,
    private readonly refusals: RefusalLog,
    @Inject(BulkLimits) private readonly bulk: BulkLimits,
  ) {}

  static register({ urls, reader, access, schemas, cursors, bulk, turns }: ScimApiOptions): DynamicModule {
    return {
      module: ScimApiModule,
      imports: [CqrsModule.forRoot(), AccessModule.register(access)],
      controllers: [
        DiscoveryController,
        SearchController,
        BulkController,
        RequestStatusController,
        UsersController,
        GroupsController,
        CustomController,
        UnknownEndpointController,
      ],
      providers: [
        CredentialIfAny,
        UserLimit,
        GroupNames,
        RepeatableCreation,
        UserOperations,
        GroupOperations,
        CustomResources,
        ResourceEndpoints,
        KnownEndpoint,
        BulkJobs,
        RefusalLog,
        AcceptedWorkRunner,
        AsynchronousRequests,
        RespondAsync,
        RunUserCommandHandler,
        GetUserHandler,
        FindUsersHandler,
        RunGroupCommandHandler,
        GetGroupHandler,
        FindGroupsHandler,
        RunResourceCommandHandler,
        GetResourceHandler,
        FindResourcesOfTypeHandler,
        FindDirectoryHandler,
        { provide: ScimUrls, useValue: urls },
        { provide: TenantViews, useValue: new TenantViews(schemas) },
        {
          provide: IdempotencyKeys,
          inject: [TenantDatabase],
          useFactory: (database: TenantDatabase) => new IdempotencyKeys(database),
        },
        {
          provide: AcceptedRequests,
          inject: [TenantDatabase, Sealer, SETTINGS],
          useFactory: (
            database: TenantDatabase,
            sealer: Sealer,
            { ASYNC_REQUESTS_WAITING: mostWaiting, ASYNC_RESULT_HOURS: hours }: Settings,
          ) =>
            new AcceptedRequests(database, sealer, {
              mostWaiting,
              leaseSeconds: LEASE_SECONDS,
              resultsKeptSeconds: hours * 3600,
            }),
        },
        {
          provide: RefusedRequests,
          inject: [TenantDatabase, SETTINGS],
          useFactory: (database: TenantDatabase, { REFUSALS_KEPT: mostKept, REFUSALS_KEPT_DAYS: keptDays }: Settings) =>
            new RefusedRequests(database, { mostKept, keptDays }),
        },
        { provide: BulkLimits, useValue: bulk },
        { provide: TenantTurns, useValue: turns },
        { provide: PageCursors, useValue: cursors },
        { provide: UserQueries, useValue: new UserQueries(reader) },
        { provide: GroupQueries, useValue: new GroupQueries(reader) },
        { provide: CustomQueries, useValue: new CustomQueries(reader) },
        { provide: DirectoryQueries, useValue: new DirectoryQueries(reader) },
        {
          provide: GROUP_STREAM,
          inject: [EventLog, EdgeIndex],
          useFactory: (log: EventLog, edges: EdgeIndex) => groupStream(log, edges),
        },
      ],
    };
  }

  onModuleInit(): void {
    this.formats.register(/^\/t\/[^/]+\/scim\/v2\/Bulk$/, bulkErrorAnswer(this.bulk));
    this.formats.register(SCIM, scimErrorAnswer);
    this.formats.listen(SCIM, (request, error, status) => this.refusals.noteRequest(request, error, status));
  }
}
