import { randomUUID } from 'node:crypto';
import type { DynamicModule } from '@nestjs/common';
import { accessEntities, RefusedRequests, TenantErasures, untilInReach } from '#access';
import { createServiceDataSource } from '#postgres';
import { Generations, MembershipQueries, ProcessCheckpoints, UserQueries } from '#read-model';
import type { ServiceContext } from '#runtime';
import { AuthModule } from './auth.module.js';
import { directoryReader } from './directory-reader.js';
import { DirectoryAdminModule } from './directory-admin.module.js';
import { DriftReport } from './drift/drift-report.js';
import { ErasureModule } from './erasure/erasure.module.js';

/** How often it is asked what is due. */
const ERASE_EVERY_MS = 5_000;
/** Renewed with every thousand events. */
const ERASURE_LEASE_MS = 30_000;

/** Opens what the control plane needs beyond the stores. */
export const composeAuth = async ({
  settings,
  logger,
  stores,
  shutdown,
}: ServiceContext): Promise<readonly DynamicModule[]> => {
  const { DATABASE_URL: url, ADMIN_TOKEN: adminToken, PUBLIC_URL: publicUrl } = settings;
  if (adminToken === undefined) throw new Error('ADMIN_TOKEN is required.');
  const database = createServiceDataSource({ url, applicationName: 'rollcall-auth', entities: accessEntities, max: 5 });
  await untilInReach(
    () => database.initialize(),
    (error) => logger.warn({ err: error }, 'waiting for the database'),
  );
  shutdown.add('control plane rows', () => database.destroy());
  const { store, edges, runner, sealer, keyManagement } = stores;
  const { ALLOW_INTERNAL_KEY_URLS: allowInternalKeyUrls } = settings;
  const auth = AuthModule.register({
    ...{
      publicUrl,
      adminToken,
      database,
      tenantDatabase: stores.database,
      store,
      runner,
      keyManagement,
      allowInternalKeyUrls,
      logger,
    },
  });
  const generations = new Generations(stores.database.pool);
  const reader = directoryReader({ settings, stores });
  const memberships = new MembershipQueries(reader);
  const drift = new DriftReport(new UserQueries(reader));
  const { pool } = stores.database;
  const erasure = ErasureModule.register({
    ...{ auth, store, edges, runner, sealer, database: stores.database },
    erasures: new TenantErasures(database),
    checkpoints: new ProcessCheckpoints(pool, 'erasure-policy', `auth-${randomUUID()}`, ERASURE_LEASE_MS),
    newId: randomUUID,
    everyMs: ERASE_EVERY_MS,
  });
  const { REFUSALS_KEPT: mostKept, REFUSALS_KEPT_DAYS: keptDays } = settings;
  const refusals = new RefusedRequests(stores.database, { mostKept, keptDays });
  const directory = DirectoryAdminModule.register({
    ...{ auth, erasure, store, edges, runner, sealer, generations, memberships, drift, refusals },
  });
  return [auth, erasure, directory];
};
