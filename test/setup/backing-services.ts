/** What one test run stands on: a PostgreSQL and a Kafka broker of its own, on free ports, with data that goes with them. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Service {
  stop(): Promise<void>;
}

/** Several jest projects may ask in one process, and jest may load this file more than once. */
const KEY = Symbol.for('rollcall.backing-services');
const held = globalThis as { [KEY]?: Promise<Service> };

/** Starts both, once per process, and names them in TEST_DATABASE_URL and TEST_KAFKA_BROKERS, which workers inherit. */
export const startBackingServices = async (): Promise<void> => {
  held[KEY] ??= start();
  await held[KEY];
};

/** Stops what was started and removes its data. */
export const stopBackingServices = async (): Promise<void> => {
  const services = await held[KEY];
  delete held[KEY];
  await services?.stop();
};

const start = async (): Promise<Service> => {
  const data = await mkdtemp(join(tmpdir(), 'rollcall-services-'));
  await chmod(data, 0o755); // PostgreSQL started by root runs as another user
  const starts = await Promise.allSettled([startPostgres(join(data, 'postgres')), startKafka(join(data, 'kafka'))]);
  const services = {
    stop: async () => {
      await Promise.all(starts.map(async (one) => (one.status === 'fulfilled' ? one.value?.stop() : undefined)));
      await rm(data, { recursive: true, force: true });
    },
  };
  const failed = starts.find((one) => one.status === 'rejected');
  if (failed === undefined) return services;
  await services.stop();
  throw failed.reason;
};

const startPostgres = async (dataDirectory: string): Promise<Service> => {
  const { startEmbeddedPostgres } = (await load('../../apps/standalone/src/embedded-postgres.ts')) as {
    startEmbeddedPostgres: typeof import('../../apps/standalone/src/embedded-postgres.js').startEmbeddedPostgres;
  };
  const postgres = await startEmbeddedPostgres({ dataDirectory, log: () => undefined });
  process.env['TEST_DATABASE_URL'] = postgres.url;
  return postgres;
};

const NEED_A_BROKER = ['libs/kafka', 'apps/publisher', 'test/kurrentdb', 'test/e2e', 'test/conformance'];

type StartBroker = (options: {
  dataDirectory: string;
  port: number;
  log: (line: string) => void;
}) => Promise<Service & { readonly brokers: readonly string[] }>;

/** Without a broker the suites that need one fail by name; in CI nothing runs at all, so that it cannot go unseen. */
const startKafka = async (dataDirectory: string): Promise<Service | undefined> => {
  try {
    const { startDevelopmentBroker } = (await load('../../deploy/kafka/development-broker.mjs')) as {
      startDevelopmentBroker: StartBroker;
    };
    const kafka = await startDevelopmentBroker({ dataDirectory, port: 0, log: (line) => console.error(line) });
    process.env['TEST_KAFKA_BROKERS'] = kafka.brokers.join(',');
    return kafka;
  } catch (error) {
    if (process.env['CI'] === 'true' || !isNoBrokerPossible(error)) throw error;
    console.error(
      `${(error as Error).message}\nThese suites need a broker and will fail: ${NEED_A_BROKER.join(', ')}.`,
    );
    return undefined;
  }
};

const isNoBrokerPossible = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'no-broker-possible';

/** Not a literal `import()`: the compiler would want `.js`, which is not there when jest loads this file. */
const load = (path: string): Promise<unknown> => import(path);
