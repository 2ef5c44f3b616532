import { Module, type DynamicModule } from '@nestjs/common';
import type { RefusedRequests } from '#access';
import { AuditTrail, ResourceHistory } from '#directory';
import type { EnvelopeSealer } from '#encryption';
import { EventLog, type CommandRunner, type EdgeIndex, type EventStore } from '#event-sourcing';
import { Generations, MembershipQueries } from '#read-model';
import { AuditController } from './admin/audit.controller.js';
import { DriftController } from './admin/drift.controller.js';
import { ErasureController } from './admin/erasure.controller.js';
import { ProjectionsController } from './admin/projections.controller.js';
import { ResourcesController } from './admin/resources.controller.js';
import { RolesController } from './admin/roles.controller.js';
import { WholeAudit } from './admin/whole-audit.js';
import { DriftReport } from './drift/drift-report.js';

export interface DirectoryAdminDependencies {
  /** AuthModule: it guards these calls too. */
  readonly auth: DynamicModule;
  /** ErasureModule */
  readonly erasure: DynamicModule;
  readonly store: EventStore;
  readonly edges: EdgeIndex;
  readonly runner: CommandRunner;
  readonly sealer: Pick<EnvelopeSealer, 'forget'>;
  readonly generations: Generations;
  readonly memberships: MembershipQueries;
  readonly drift: DriftReport;
  readonly refusals: Pick<RefusedRequests, 'page'>;
}

/** What operators ask about the directory and do to it: audit, history, erasure, read models. */
@Module({})
export class DirectoryAdminModule {
  static register({
    auth,
    erasure,
    store,
    edges,
    runner,
    sealer,
    generations,
    memberships,
    drift,
    refusals,
  }: DirectoryAdminDependencies): DynamicModule {
    return {
      module: DirectoryAdminModule,
      imports: [auth, erasure],
      controllers: [
        AuditController,
        ResourcesController,
        ErasureController,
        ProjectionsController,
        RolesController,
        DriftController,
      ],
      providers: [
        { provide: WholeAudit, useValue: new WholeAudit(new AuditTrail(store.log), refusals) },
        { provide: ResourceHistory, useValue: new ResourceHistory(store, edges, sealer, runner) },
        { provide: Generations, useValue: generations },
        { provide: MembershipQueries, useValue: memberships },
        { provide: DriftReport, useValue: drift },
        { provide: EventLog, useValue: store.log },
      ],
    };
  }
}
