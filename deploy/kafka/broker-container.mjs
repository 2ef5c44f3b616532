/** Runs the broker from the official image, for machines with Docker but without Java or Maven. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { answersRequests } from './broker-readiness.mjs';
import { developmentSettings } from './broker-settings.mjs';
import { createServer } from 'node:net';

const run = promisify(execFile);
const START_TIMEOUT_MS = 180_000; // the first start pulls the image
const WATCH_MS = 2_000;

/** @returns {Promise<boolean>} whether a Docker engine answers */
export const dockerAnswers = () =>
  run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 10_000 }).then(
    () => true,
    () => false,
  );

/** See startDevelopmentBroker. The data lies in a volume named after the data directory. */
export async function startBrokerContainer({ version, directory, port, log }) {
  const name = `rollcall-kafka-${createHash('sha256').update(directory).digest('hex').slice(0, 12)}`;
  const chosen = port === 0 ? await freePort() : port;
  await run('docker', ['rm', '--force', name]).catch(() => {}); // left behind by a start that was killed
  await run(
    'docker',
    ['run', '--detach', '--rm', '--name', name, ...containerOptions({ name, port: chosen }), `apache/kafka:${version}`],
    {
      timeout: START_TIMEOUT_MS,
    },
  );

  let stopping = false;
  const stopped = watch(name);
  const stop = async () => {
    if (!stopping) {
      stopping = true;
      await run('docker', ['stop', '--time', '15', name]).catch(() => {});
    }
    await stopped;
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answersRequests(chosen))) {
    if (Date.now() < deadline) continue;
    await stop();
    throw Object.assign(new Error(`The container apache/kafka:${version} did not become ready.`), {
      code: 'broker-failed',
    });
  }
  log(`Apache Kafka (container ${name}) listens on 127.0.0.1:${chosen}.`);
  return { brokers: [`127.0.0.1:${chosen}`], stop, stopped };
}

/** Published on 127.0.0.1 only; inside the container it must listen on all addresses to be reachable at all. */
function containerOptions({ name, port }) {
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': '1@127.0.0.1:29093',
    listeners: `PLAINTEXT://0.0.0.0:${port},CONTROLLER://127.0.0.1:29093`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': '/var/lib/kafka/data',
    ...developmentSettings,
  };
  const environment = Object.entries({ ...settings }).flatMap(([key, value]) => [
    '--env',
    `KAFKA_${key.toUpperCase().replaceAll('.', '_')}=${value}`,
  ]);
  return [
    '--publish',
    `127.0.0.1:${port}:${port}`,
    '--volume',
    `${name}:/var/lib/kafka/data`,
    '--env',
    'KAFKA_HEAP_OPTS=-Xms128m -Xmx384m',
    ...environment,
  ];
}

async function watch(name) {
  for (;;) {
    const running = await run('docker', ['inspect', '--format', '{{.State.Running}}', name]).then(
      ({ stdout }) => stdout.trim() === 'true',
      () => false, // --rm takes the container away when it ends
    );
    if (!running) return;
    await pause(WATCH_MS, undefined, { ref: false });
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1' }, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
