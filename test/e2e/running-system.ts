import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { createTestDatabase } from '#testing';
import { startIngress } from './ingress.js';

/** The system under test: one process, or four plus a second scim-api behind an ingress. */
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
  readonly processes: ReadonlyMap<string, ChildProcess>;
  stop(): Promise<void>;
}

export type Topology = 'one process' | 'separate services';

const root = resolve(import.meta.dirname, '..', '..');
const READY_WITHIN_MS = 60_000;

/** Starts the built system (`npm run build`) on a database and topics of its own. Throws with the process's output when it does not get ready. */
export const startSystem = async (
  topology: Topology,
  overrides: Readonly<Record<string, string>> = {},
): Promise<RunningSystem> => {
  const database = await createTestDatabase([]);
  const brokers = process.env['TEST_KAFKA_BROKERS'];
  if (brokers === undefined)
    throw new Error('The end-to-end suites need a Kafka broker: Java 17 and Maven, or Docker.');
  const topicPrefix = `e2e-${randomBytes(4).toString('hex')}`;
  const settings = {
    DATABASE_URL: database.ownerUrl,
    KAFKA_BROKERS: brokers,
    KAFKA_TOPIC_PREFIX: topicPrefix,
    KAFKA_PARTITIONS: '3',
    ADMIN_TOKEN: randomBytes(24).toString('hex'),
    MASTER_KEY: randomBytes(32).toString('base64'),
    LOG_LEVEL: 'warn',
    ...overrides,
  };
  const started = topology === 'one process' ? await startStandalone(settings) : await startServices(settings);
  return {
    ...started,
    adminToken: settings.ADMIN_TOKEN,
    masterKey: settings.MASTER_KEY,
    ownerDatabaseUrl: database.ownerUrl,
    kafkaBrokers: brokers.split(','),
    topicPrefix,
    stop: async () => {
      await started.stop();
      await database.drop();
    },
  };
};

type Started = Pick<RunningSystem, 'url' | 'scimApis' | 'processes' | 'stop'>;

const startStandalone = async (settings: Readonly<Record<string, string>>): Promise<Started> => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const standalone = launch('standalone', { ...settings, PORT: `${port}`, PUBLIC_URL: url });
  await ready(standalone, url);
  return {
    url,
    scimApis: [url],
    processes: new Map([['standalone', standalone.process]]),
    stop: () => end([standalone]),
  };
};

const startServices = async (settings: Readonly<Record<string, string>>): Promise<Started> => {
  await finished(launch('cli', settings, ['migrate']));
  const ingress = await startIngress();
  const names = ['auth', 'scim-api', 'scim-api-2', 'projector', 'publisher'] as const;
  const launched = new Map<string, Launched & { url: string }>();
  const authPort = await freePort();
  for (const name of names) {
    const port = name === 'auth' ? authPort : await freePort();
    const env = {
      ...settings,
      PORT: `${port}`,
      PUBLIC_URL: ingress.url,
      AUTH_INTERNAL_URL: `http://127.0.0.1:${authPort}`,
    };
    launched.set(name, { ...launch(name.replace('-2', ''), env), url: `http://127.0.0.1:${port}` });
  }
  const all = [...launched.values()];
  await Promise.all(all.map((one) => ready(one, one.url)));
  const urlOf = (name: (typeof names)[number]) => launched.get(name)?.url ?? '';
  const scimApis = [urlOf('scim-api'), urlOf('scim-api-2')];
  ingress.route({ auth: urlOf('auth'), scimApis });
  return {
    url: ingress.url,
    scimApis,
    processes: new Map([...launched].map(([name, one]) => [name, one.process])),
    stop: async () => {
      await ingress.close();
      await end(all);
    },
  };
};

interface Launched {
  readonly name: string;
  readonly process: ChildProcess;
  readonly output: () => string;
}

const launch = (
  service: string,
  settings: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Launched => {
  const child = spawn(process.execPath, ['--enable-source-maps', `dist/apps/${service}/src/main.js`, ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_NO_WARNINGS: '1', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-20_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return { name: service, process: child, output: () => output };
};

const finished = async ({ name, process: child, output }: Launched): Promise<void> => {
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${output()}`);
};

const ready = async ({ name, process: child, output }: Launched, url: string): Promise<void> => {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${output()}`);
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (answer?.status === 200) return;
    await new Promise((again) => setTimeout(again, 50));
  }
  throw new Error(`${name} was not ready in ${READY_WITHIN_MS} ms:\n${output()}`);
};

const end = async (launched: readonly Launched[]): Promise<void> => {
  await Promise.all(
    launched.map(async ({ process: child }) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }),
  );
};

/** A port nobody listens on at this moment. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};
