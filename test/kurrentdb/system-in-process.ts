import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { CheckpointSignal, Generations } from '#read-model';
import { loadSettings, migrate, Shutdown, startService, type ServiceModules } from '#runtime';
import { createTestDatabase, InMemoryKurrentServer } from '#testing';
import { composeAuth } from '../../apps/auth/src/compose.js';
import { composeProjector } from '../../apps/projector/src/compose.js';
import { composePublisher } from '../../apps/publisher/src/compose.js';
import { composeScimApi } from '../../apps/scim-api/src/compose.js';
import { freePort } from '../e2e/running-system.js';

/** The whole system and a second scim-api, whose log stands on one KurrentDB server in memory: all of it in this process for that reason. */
export const startSystemOn = async (server: InMemoryKurrentServer) => {
  const database = await createTestDatabase([]);
  await migrate(database.ownerUrl);
  const logger = pino({ level: 'silent' });
  const shutdowns: Shutdown[] = [];
  const [port, secondPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const topicPrefix = `kurrentdb-${randomBytes(4).toString('hex')}`;
  const env = {
    DATABASE_URL: database.ownerUrl,
    EVENT_LOG: 'kurrentdb',
    KURRENTDB_URL: 'kurrentdb://in-memory:2113?tls=false',
    KAFKA_BROKERS: process.env['TEST_KAFKA_BROKERS'],
    KAFKA_TOPIC_PREFIX: topicPrefix,
    KAFKA_PARTITIONS: '3',
    ADMIN_TOKEN: randomBytes(24).toString('hex'),
    MASTER_KEY: randomBytes(32).toString('base64'),
    PUBLIC_URL: url,
    AUTH_INTERNAL_URL: url,
  };
  const start = async (listen: number, modules: ServiceModules) => {
    const settings = loadSettings({ ...env, PORT: `${listen}` }, 'standalone');
    const { DATABASE_URL, MASTER_KEY } = env;
    const shutdown = new Shutdown(logger);
    shutdowns.push(shutdown);
    // Each service has a client of its own in reality; in memory they share the server, and none may end it for the others.
    const kurrentServer = () => server;
    return startService('standalone', { ...settings, DATABASE_URL, MASTER_KEY }, modules, {
      logger,
      shutdown,
      kurrentServer,
    });
  };
  const app = await start(port, async (context) => {
    const signal = new CheckpointSignal();
    return [
      ...(await composeAuth(context)),
      ...(await composeScimApi(context, signal)),
      ...(await composeProjector(context, signal)),
      ...(await composePublisher(context)),
    ];
  });
  await start(secondPort, (context) => composeScimApi(context));
  return {
    url,
    secondUrl: `http://127.0.0.1:${secondPort}`,
    adminToken: env.ADMIN_TOKEN,
    kafkaBrokers: (env.KAFKA_BROKERS ?? '').split(','),
    topicPrefix,
    generations: app.get(Generations, { strict: false }),
    stop: async () => {
      for (const shutdown of shutdowns.reverse()) await shutdown.close();
      await database.drop();
    },
  };
};
