import type { DynamicModule } from '@nestjs/common';
import { CachedTokenDirectory, LastUse, PostgresTenantSchemas, PostgresTokenDirectory, remoteKeys } from '#access';
import { createServicePool, PipelinedLookUps, TenantDatabase } from '#postgres';
import { CheckpointWatch, ReadBarrier, ResourceReader, type CheckpointSignal } from '#read-model';
import type { ServiceContext } from '#runtime';
import { BulkLimits } from './bulk/bulk-limits.js';
import { ScimUrls } from './edge/scim-urls.js';
import { PageCursors } from './search/page-cursors.js';
import { TenantTurns } from './tenants/tenant-turns.js';
import { ScimApiModule } from './scim-api.module.js';

/** Few connections and little time for queries that scan a tenant: they starve nobody (DESIGN §5). */
const SCANS = { max: 2, statementTimeoutMs: 5_000 };

/** Tenants with a limit of users that create some at once. */
const TURNS = 4;

/** Opens what scim-api needs beyond the stores. `signal`: a projector in the same process tells how far it is. */
export const composeScimApi = async (
  { settings, logger, stores, shutdown }: ServiceContext,
  signal?: CheckpointSignal,
): Promise<readonly DynamicModule[]> => {
  const urls = new ScimUrls(settings.PUBLIC_URL);
  const url = settings.DATABASE_URL;
  const scans = createServicePool({ url, applicationName: 'rollcall-scim-api-scans', ...SCANS });
  shutdown.add('scans', () => scans.end());
  const lookUps = new PipelinedLookUps({ url, applicationName: 'rollcall-scim-api-look-ups' });
  shutdown.add('look-ups', () => lookUps.end());
  // A pool of their own: who has its turn needs connections of the other, which those who wait must not hold.
  const turns = createServicePool({ url, applicationName: 'rollcall-scim-api-turns', max: TURNS });
  shutdown.add('turns', () => turns.end());
  const lastUse = new LastUse(stores.database.pool, (error) =>
    logger.warn({ err: error }, 'the last use of a token was not noted'),
  );
  lastUse.start();
  shutdown.add('last use', () => lastUse.close());
  const barrier = new ReadBarrier(new CheckpointWatch(stores.database.pool, signal), {
    waitMs: settings.READ_WAIT_MS,
    head: stores.head,
    monotonicMs: () => performance.now(),
  });
  const reader = new ResourceReader({
    lookUps,
    pages: stores.database,
    scans: new TenantDatabase(scans),
    barrier,
    scimBaseUrl: (tenantId) => urls.base(tenantId),
  });
  const directory = new CachedTokenDirectory(new PostgresTokenDirectory(stores.database.pool));
  const keys = remoteKeys(`${settings.AUTH_INTERNAL_URL}/oauth2/jwks`);
  return [
    ScimApiModule.register({
      urls,
      reader,
      access: { publicUrl: settings.PUBLIC_URL, keys, directory, lastUse },
      schemas: new PostgresTenantSchemas(stores.database.pool),
      cursors: new PageCursors(settings.MASTER_KEY),
      bulk: new BulkLimits(settings.BODY_LIMIT),
      turns: new TenantTurns(turns),
    }),
  ];
};
