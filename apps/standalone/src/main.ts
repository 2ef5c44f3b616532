import { join, resolve } from 'node:path';
import { CheckpointSignal } from '#read-model';
import {
  createLogger,
  migrate,
  settingsOrExit,
  Shutdown,
  startService,
  type ServiceContext,
  type ServiceSettings,
  type Settings,
} from '#runtime';
import { composeAuth } from '../../auth/src/compose.js';
import { composeProjector } from '../../projector/src/compose.js';
import { composePublisher } from '../../publisher/src/compose.js';
import { composeScimApi } from '../../scim-api/src/compose.js';
import { DevelopmentBroker } from './development-broker.js';
import { generatedSecret, newAdminToken, newMasterKey, type GeneratedSecret } from './generated-secrets.js';
import { welcome } from './welcome.js';

/** Everything in one process on embedded stores: what `npm start` runs (DESIGN §3). */
const settings = settingsOrExit('standalone');
const logger = createLogger(settings.LOG_LEVEL, 'standalone');
const shutdown = new Shutdown(logger);
shutdown.listen((code) => process.exit(code));

const run = async (): Promise<void> => {
  const directory = resolve(settings.DATA_DIR);
  const adminToken = await secret(settings.ADMIN_TOKEN, directory, 'admin-token', newAdminToken);
  const masterKey = await secret(settings.MASTER_KEY, directory, 'master-key', newMasterKey);
  const databaseUrl = settings.DATABASE_URL ?? (await embeddedDatabase(directory));
  await migrate(databaseUrl);

  const broker = brokerOf(settings, directory);
  const complete: ServiceSettings = {
    ...settings,
    DATABASE_URL: databaseUrl,
    ADMIN_TOKEN: adminToken.value,
    MASTER_KEY: masterKey.value,
    // In one process auth is next door, whatever name the world knows it by.
    AUTH_INTERNAL_URL: `http://127.0.0.1:${settings.PORT}`,
  };
  await startService('standalone', complete, (context) => everything(context, broker.brokers), { logger, shutdown });
  process.stdout.write(
    `${welcome({
      url: complete.PUBLIC_URL,
      newAdminToken: adminToken.isNew ? adminToken.value : undefined,
      adminTokenFile: settings.ADMIN_TOKEN === undefined ? join(settings.DATA_DIR, 'admin-token') : undefined,
      publishing: broker.description,
    })}\n`,
  );
};

const everything = async (context: ServiceContext, brokers: () => readonly string[]) => {
  const signal = new CheckpointSignal();
  return [
    ...(await composeAuth(context)),
    ...(await composeScimApi(context, signal)),
    ...(await composeProjector(context, signal)),
    ...(await composePublisher(context, brokers)),
  ];
};

const secret = async (
  given: string | undefined,
  directory: string,
  name: string,
  make: () => string,
): Promise<GeneratedSecret> =>
  given === undefined ? generatedSecret(directory, name, make) : { value: given, isNew: false };

/** Loaded only here: an installation with a database of its own does not carry the embedded one. */
const embeddedDatabase = async (directory: string): Promise<string> => {
  const { startEmbeddedPostgres } = await import('./embedded-postgres.js');
  const log = (line: string) => logger.debug({ line }, 'postgres');
  const database = await startEmbeddedPostgres({ dataDirectory: join(directory, 'postgres'), log });
  shutdown.add('database', () => database.stop());
  return database.url;
};

/** The brokers of the settings, or a development broker that starts beside everything else. */
const brokerOf = (
  { KAFKA_BROKERS, KAFKA_PORT }: Settings,
  directory: string,
): { brokers: () => readonly string[]; description: string } => {
  if (KAFKA_BROKERS.length > 0) return { brokers: () => KAFKA_BROKERS, description: KAFKA_BROKERS.join(', ') };
  let brokers: readonly string[] | undefined;
  const development = new DevelopmentBroker(join(directory, 'kafka'), KAFKA_PORT, logger, (started) => {
    brokers = started;
    process.stdout.write(`  Kafka is up at ${started.join(', ')}; changes are published.\n\n`);
  });
  shutdown.add('development broker', () => development.stop());
  return {
    brokers: () => {
      if (brokers === undefined) throw new Error('The development broker is not up yet.');
      return brokers;
    },
    description: `a development broker is starting on 127.0.0.1:${KAFKA_PORT}; publishing waits for it and loses nothing`,
  };
};

run().catch(async (error: unknown) => {
  logger.fatal({ err: error }, 'Rollcall cannot start');
  await shutdown.close();
  process.exit(1);
});
