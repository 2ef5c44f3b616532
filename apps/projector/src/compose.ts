import { randomUUID } from 'node:crypto';
import type { DynamicModule } from '@nestjs/common';
import { createServicePool, TenantDatabase } from '#postgres';
import type { CheckpointSignal } from '#read-model';
import type { ServiceContext } from '#runtime';
import { ProjectorModule } from './projector.module.js';
import { defaultProjectorOptions, headsFor } from './projector.js';

/** One for each tenant brought forward at once, a rebuild, a sweep, the poll. */
const CONNECTIONS = defaultProjectorOptions.concurrency + 3;

/** `signal`: tells queries in the same process how far the read models are. */
export const composeProjector = async (
  { settings, logger, stores, shutdown }: ServiceContext,
  signal?: CheckpointSignal,
): Promise<readonly DynamicModule[]> => {
  const pool = createServicePool({
    url: withoutWaitingForDisk(settings.DATABASE_URL),
    applicationName: 'rollcall-projector',
    max: CONNECTIONS,
    onIdleError: (error) => logger.warn({ reason: error.message }, 'a database connection broke'),
  });
  shutdown.add('projector', () => pool.end());
  return [
    ProjectorModule.register({
      worker: `projector-${randomUUID()}`,
      database: new TenantDatabase(pool),
      ...(signal === undefined ? {} : { signal }),
      options: {
        heads: headsFor(stores.head),
        // Writers of the same process wake it at once: nothing to look for between their wake-ups.
        ...(signal === undefined ? {} : { lingerMs: [] }),
      },
    }),
  ];
};

/**
 * Rows and checkpoint commit together, so a crash of the database that loses the last of these commits loses both, and the projector goes on
 * from the checkpoint that is left. The log's own commits, which may not be lost, keep the disk to themselves.
 */
const withoutWaitingForDisk = (databaseUrl: string): string => {
  const url = new URL(databaseUrl);
  const given = url.searchParams.get('options');
  url.searchParams.set('options', [...(given === null ? [] : [given]), '-c synchronous_commit=off'].join(' '));
  return url.href;
};
