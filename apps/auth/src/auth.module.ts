import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import {
  AdministratorPersons,
  ControlFollower,
  ControlQueries,
  FailedCredentials,
  isOutOfReach,
  OperatorGuard,
  Operators,
} from '#access';
import type { KeyManagement } from '#encryption';
import { CommandRunner, type EventStore } from '#event-sourcing';
import type { TenantDatabase } from '#postgres';
import { TenantRegistry } from '#tenancy';
import { AdministratorsController } from './admin/administrators.controller.js';
import { ClientsController } from './admin/clients.controller.js';
import { Clock } from './admin/clock.js';
import { ConnectionController } from './admin/connection.controller.js';
import { CreateTenantHandler, RunControlCommand, RunControlCommandHandler } from './admin/control-commands.js';
import { ResourceTypesController } from './admin/resource-types.controller.js';
import { SchemasController } from './admin/schemas.controller.js';
import { TenantMustExist } from './admin/tenant-must-exist.js';
import { TenantsController } from './admin/tenants.controller.js';
import { TokensController } from './admin/tokens.controller.js';
import type { RunAct } from './administrators/administrator-acts.js';
import { Consents } from './administrators/consents.js';
import { AuthLifecycle } from './auth-lifecycle.js';
import { assembleOAuth } from './oauth/assemble-oauth.js';
import { IssuerDiscovery } from './oauth/assertions/issuer-discovery.js';
import { AuthorizationServer } from './oauth/authorization-server.js';
import { OAuthEndpoints } from './oauth/endpoints.js';

export interface AuthDependencies {
  readonly publicUrl: string;
  readonly adminToken: string;
  /** Initialised, with `accessEntities`, as the service role. */
  readonly database: DataSource;
  /** For what stands behind the tenant wall. */
  readonly tenantDatabase: TenantDatabase;
  /** With `tenancyEvents` in its catalogue. */
  readonly store: EventStore;
  readonly runner: CommandRunner;
  readonly keyManagement: KeyManagement;
  /** Public keys of clients may be fetched over http, and from our own network: for development. */
  readonly allowInternalKeyUrls: boolean;
  readonly logger: Logger;
  readonly now?: () => Date;
}

/** The control plane and the authorization server. Needs RuntimeModule beside it; mounts OAuth on the application's Fastify by itself. */
@Module({})
export class AuthModule {
  static register(dependencies: AuthDependencies): DynamicModule {
    const { publicUrl, adminToken, database, tenantDatabase, store, runner, keyManagement, logger } = dependencies;
    const { allowInternalKeyUrls } = dependencies;
    const now = dependencies.now ?? (() => new Date());
    const registry = new TenantRegistry(store, now);
    const onError = (tenantId: string | undefined, error: unknown) =>
      logger[isOutOfReach(error) ? 'warn' : 'error'](
        { err: error, tenantId },
        'control-plane rows cannot be brought up to date',
      );
    const follower = new ControlFollower(database, store, registry, {
      sweepEveryMs: 1000,
      actMayLastMs: 60_000,
      now,
      onError,
    });
    const queries = new ControlQueries(database);
    const endpoints = new OAuthEndpoints(publicUrl);
    const failures = new FailedCredentials();
    const handler = new RunControlCommandHandler(runner, follower);
    const run: RunAct = (tenantId, command, metadata) =>
      handler.execute(new RunControlCommand(tenantId, command, metadata));
    const { server, persons, consents, discovery } = assembleOAuth({
      ...{
        endpoints,
        database,
        tenantDatabase,
        queries,
        run,
        keyManagement,
        failures,
        allowInternalKeyUrls,
        logger,
        now,
      },
    });
    return {
      module: AuthModule,
      imports: [CqrsModule.forRoot()],
      controllers: [
        TenantsController,
        TokensController,
        ClientsController,
        AdministratorsController,
        SchemasController,
        ResourceTypesController,
        ConnectionController,
      ],
      providers: [
        CreateTenantHandler,
        RunControlCommandHandler,
        OperatorGuard,
        AuthLifecycle,
        { provide: Operators, useValue: new Operators(adminToken) },
        { provide: FailedCredentials, useValue: failures },
        { provide: CommandRunner, useValue: runner },
        { provide: TenantRegistry, useValue: registry },
        { provide: ControlFollower, useValue: follower },
        { provide: ControlQueries, useValue: queries },
        { provide: TenantMustExist, useValue: new TenantMustExist(queries) },
        { provide: OAuthEndpoints, useValue: endpoints },
        { provide: Clock, useValue: new Clock(now) },
        { provide: IssuerDiscovery, useValue: discovery },
        { provide: AdministratorPersons, useValue: persons },
        { provide: Consents, useValue: consents },
        { provide: AuthorizationServer, useValue: server },
      ],
      exports: [OperatorGuard, Operators, FailedCredentials, TenantMustExist, ControlFollower, ControlQueries, Clock],
    };
  }
}
