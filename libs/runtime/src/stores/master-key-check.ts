import type { Logger } from 'pino';
import { demandMasterKeys, WrongMasterKey } from '#encryption';
import type { Stores } from './stores.js';

type Keys = Pick<Stores, 'database' | 'keyManagement'>;

/** Throws WrongMasterKey while a key in the database was wrapped by a master key that this process does not have; the database's errors. */
export const checkMasterKey = async ({ database, keyManagement }: Keys): Promise<void> => {
  const { rows } = await database.pool.query<{ id: string }>(
    'SELECT master_keys_in_use() AS id UNION SELECT master_key_id FROM signing_keys',
  );
  demandMasterKeys(
    keyManagement,
    rows.map(({ id }) => id),
  );
};

/** Says at start what readiness goes on saying. A database that is out of reach is readiness's business alone. */
export const sayWrongMasterKey = async (keys: Keys, logger: Logger): Promise<void> => {
  await checkMasterKey(keys).catch((error: unknown) => {
    if (error instanceof WrongMasterKey) logger.error({ code: error.code }, error.message);
  });
};
