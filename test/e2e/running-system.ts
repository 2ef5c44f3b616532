import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createTestDatabase } from '#testing';
import { startIngress } from './ingress.js';
import { ServiceProcess } from './service-process.js';

/** The system under test: one process, or services of their own behind an ingress. */
export interface RunningSystem {
  readonly url: string;
  /** Base URL of each scim-api process, past the ingress. */
  readonly scimApis: readonly string[];
  readonly adminToken: string;
  /** Base64. */
  readonly masterKey: string;
  readonly ownerDatabaseUrl: string;
  readonly kafkaBrokers: readonly string[];
  readonly topicPrefix: string;
  readonly partitions: number;
  /** By name: each can be killed and started again. */
  readonly services: ReadonlyMap<string, ServiceProcess>;
  stop(): Promise<void>;
}

export type Topology = 'one process' | keyof typeof processesOf;

/** Two of one service share the work: requests, partitions, tenants. */
const processesOf = {
  'separate services': ['auth', 'scim-api', 'scim-api-2', 'projector', 'publisher'],
  'two of each': ['auth', 'scim-api', 'scim-api-2', 'projector', 'projector-2', 'publisher', 'publisher-2'],
} as const;

/** What a system stands on, when it is not the PostgreSQL and the Kafka of the whole test run. */
export interface BackingServices {
  readonly databaseUrl: string;
  readonly brokers: readonly string[];
}

const PARTITIONS = 3;

/** Starts the built system (`npm run build`) on a database and topics of its own. Throws with the process's output when it does not get ready. */
export const startSystem = async (
  topology: Topology,
  overrides: Readonly<Record<string, string>> = {},
  backing?: BackingServices,
): Promise<RunningSystem> => {
  const database = backing === undefined ? await createTestDatabase([]) : undefined;
  const ownerDatabaseUrl = database?.ownerUrl ?? backing?.databaseUrl ?? '';
  const brokers = backing?.brokers.join(',') ?? process.env['TEST_KAFKA_BROKERS'];
  if (brokers === undefined)
    throw new Error('The end-to-end suites need a Kafka broker: Java 17 and Maven, or Docker.');
  const topicPrefix = `e2e-${randomBytes(4).toString('hex')}`;
  const settings = {
    DATABASE_URL: ownerDatabaseUrl,
    KAFKA_BROKERS: brokers,
    KAFKA_TOPIC_PREFIX: topicPrefix,
    KAFKA_PARTITIONS: `${PARTITIONS}`,
    ADMIN_TOKEN: randomBytes(24).toString('hex'),
    MASTER_KEY: randomBytes(32).toString('base64'),
    LOG_LEVEL: 'warn',
    ...overrides,
  };
  const started =
    topology === 'one process' ? await startStandalone(settings) : await startServices(settings, processesOf[topology]);
  return {
    ...started,
    adminToken: settings.ADMIN_TOKEN,
    masterKey: settings.MASTER_KEY,
    ownerDatabaseUrl,
    kafkaBrokers: brokers.split(','),
    topicPrefix,
    partitions: PARTITIONS,
    stop: async () => {
      await started.stop();
      await database?.drop();
    },
  };
};

type Started = Pick<RunningSystem, 'url' | 'scimApis' | 'services' | 'stop'>;

const startStandalone = async (settings: Readonly<Record<string, string>>): Promise<Started> => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const standalone = new ServiceProcess('standalone', { ...settings, PORT: `${port}`, PUBLIC_URL: url }, url);
  standalone.start();
  await standalone.ready();
  return { url, scimApis: [url], services: new Map([['standalone', standalone]]), stop: () => standalone.end() };
};

const startServices = async (
  settings: Readonly<Record<string, string>>,
  names: readonly string[],
): Promise<Started> => {
  const migration = new ServiceProcess('cli', settings);
  migration.start(['migrate']);
  await migration.finished();
  const ingress = await startIngress();
  const services = new Map<string, ServiceProcess>();
  const authPort = await freePort();
  for (const name of names) {
    const port = name === 'auth' ? authPort : await freePort();
    const env = {
      ...settings,
      PORT: `${port}`,
      PUBLIC_URL: ingress.url,
      AUTH_INTERNAL_URL: `http://127.0.0.1:${authPort}`,
    };
    const service = new ServiceProcess(name.replace('-2', ''), env, `http://127.0.0.1:${port}`);
    service.start();
    services.set(name, service);
  }
  const all = [...services.values()];
  const stop = async () => {
    await ingress.close();
    await Promise.all(all.map((one) => one.end()));
  };
  await Promise.all(all.map((one) => one.ready())).catch(async (error: unknown) => {
    await stop(); // else they would outlive the suite
    throw error;
  });
  const urlOf = (name: string) => services.get(name)?.url ?? '';
  const scimApis = [urlOf('scim-api'), urlOf('scim-api-2')];
  ingress.route({ auth: urlOf('auth'), scimApis });
  return {
    url: ingress.url,
    scimApis,
    services,
    stop,
  };
};

const PORTS = { from: 12_000, to: 32_000 };

/**
 * A port nobody listens on at this moment, below those that systems give to outgoing connections: else one of these may take it while the
 * service that it belongs to is down.
 */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    const server = createServer();
    const listens = once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.listen(port, '127.0.0.1');
    if (!(await listens)) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
};
