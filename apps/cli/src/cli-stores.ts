import { createLogger, openStores, type Stores } from '#runtime';
import { settingsOfCli } from './cli-settings.js';

/** Opens the stores for one command and closes them behind it. Throws when DATABASE_URL or MASTER_KEY is not set. */
export const withStores = async (
  work: (stores: Stores, settings: ReturnType<typeof settingsOfCli>) => Promise<void>,
): Promise<void> => {
  const settings = settingsOfCli();
  const { DATABASE_URL, MASTER_KEY, LOG_LEVEL } = settings;
  if (MASTER_KEY === undefined) throw new Error('MASTER_KEY is required.');
  const stores = openStores(
    settings,
    { databaseUrl: DATABASE_URL, masterKey: MASTER_KEY, service: 'cli' },
    createLogger(LOG_LEVEL, 'cli', process.stderr),
  );
  try {
    await work(stores, settings);
  } finally {
    await stores.close();
  }
};
