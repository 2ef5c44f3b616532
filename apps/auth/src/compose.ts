import type { DynamicModule } from '@nestjs/common';
import { accessEntities, untilInReach } from '#access';
import { createServiceDataSource } from '#postgres';
import { Generations } from '#read-model';
import type { ServiceContext } from '#runtime';
import { AuthModule } from './auth.module.js';
import { DirectoryAdminModule } from './directory-admin.module.js';

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
    ...{ publicUrl, adminToken, database, store, runner, keyManagement, allowInternalKeyUrls, logger },
  });
  const generations = new Generations(stores.database.pool);
  return [auth, DirectoryAdminModule.register({ auth, store, edges, runner, sealer, generations })];
};
