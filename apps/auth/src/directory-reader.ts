import { CheckpointWatch, ReadBarrier, ResourceReader } from '#read-model';
import type { ServiceContext } from '#runtime';

/** For what the control plane asks of the directory: little, so it shares the connections of the stores. */
export const directoryReader = ({ settings, stores }: Pick<ServiceContext, 'settings' | 'stores'>): ResourceReader => {
  const { database, head } = stores;
  const { READ_WAIT_MS: waitMs, PUBLIC_URL: publicUrl } = settings;
  return new ResourceReader({
    lookUps: database,
    pages: database,
    scans: database,
    barrier: new ReadBarrier(new CheckpointWatch(database.pool), {
      waitMs,
      head,
      monotonicMs: () => performance.now(),
    }),
    scimBaseUrl: (tenantId) => `${publicUrl}/t/${tenantId}/scim/v2`,
  });
};
