/** Runs the broker as a child process from the jars of broker-jars.mjs. */
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answersRequests } from './broker-readiness.mjs';
import { endLeftBehind, startTimeOf } from './broker-left-behind.mjs';
import { serverProperties } from './broker-settings.mjs';

const run = promisify(execFile);
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;
const PORT_ATTEMPTS = 5;

/**
 * The shell becomes the broker (`exec`), so the child's pid is the broker's. A helper beside it reads a pipe whose
 * other end only this process holds: at the end of the pipe without a word this process is gone, by whatever signal,
 * and the broker goes too.
 */
const SHELL = `
broker=$$
(
  if read -r _ <&3; then exit 0; fi
  kill -TERM $broker 2>/dev/null
  for _ in 1 2 3 4 5 6 7 8 9 10; do sleep 1; kill -0 $broker 2>/dev/null || exit 0; done
  kill -KILL $broker 2>/dev/null
) >/dev/null 2>&1 &
exec "$@" 3<&-
`;

const javaOptions = (classPath) => [
  '-Xms128m',
  '-Xmx384m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1', // quick to start matters more than peak speed
  '-Xshare:auto',
  '-Djava.awt.headless=true',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS',
  '-cp',
  classPath,
];

/** See startDevelopmentBroker. Takes the class path, the data directory, the port and a log function. */
export async function startBrokerProcess({ classPath, directory, port, log }) {
  await endLeftBehind(directory, log);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start({ classPath, directory, port: port === 0 ? await freePort() : port, log });
    } catch (error) {
      // Between choosing a free port and listening on it someone else may take it.
      if (error.code !== 'port-in-use' || attempt === PORT_ATTEMPTS) throw error;
      if (port !== 0 && !(await isFree(port))) {
        throw Object.assign(new Error(`Port ${port} on 127.0.0.1 is taken; set KAFKA_PORT to a free one.`), {
          code: 'port-in-use',
        });
      }
    }
  }
}

async function start({ classPath, directory, port, log }) {
  const properties = join(directory, 'server.properties');
  const controllerPort = await controllerPortOf(properties, port);
  await writeFile(properties, serverProperties({ directory, port, controllerPort }));
  await formatOnce({ classPath, directory, properties });

  const logFile = join(directory, 'kafka.log');
  const output = await open(logFile, 'w');
  // Detached: Ctrl-C in a terminal reaches the application first, which still wants to publish, and then stops us.
  const child = spawn('/bin/sh', ['-c', SHELL, 'kafka', 'java', ...javaOptions(classPath), 'kafka.Kafka', properties], {
    detached: true,
    stdio: ['ignore', output.fd, output.fd, 'pipe'],
  });
  await output.close();
  const lifeline = child.stdio[3];
  lifeline.on('error', () => {}); // the reader may be gone already

  let ended = false;
  const stopped = new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', resolve);
  }).then(async () => {
    ended = true;
    lifeline.end('stopped\n'); // tells the helper that there is no one left to kill
    await rm(join(directory, 'kafka.pid'), { force: true });
  });
  await writeFile(
    join(directory, 'kafka.pid'),
    JSON.stringify({ broker: child.pid, owner: process.pid, ownerStarted: await startTimeOf(process.pid) }),
  );

  const stop = async () => {
    if (ended) return stopped;
    const patience = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    child.kill('SIGTERM');
    await stopped;
    clearTimeout(patience);
  };

  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answersRequests(port))) {
    if (!ended && Date.now() < deadline) continue;
    await stop();
    throw await startFailure(logFile);
  }
  log(`Apache Kafka listens on 127.0.0.1:${port} (data and log in ${directory}).`);
  return { brokers: [`127.0.0.1:${port}`], stop, stopped };
}

/** The storage is formatted before the first start only: a cluster id, once given, stays. */
async function formatOnce({ classPath, directory, properties }) {
  const formatted = await access(join(directory, 'log', 'meta.properties')).then(
    () => true,
    () => false,
  );
  if (formatted) return;
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A'); // a leading dash reads like an option
  await run('java', [
    ...javaOptions(classPath),
    'kafka.tools.StorageTool',
    'format',
    '-t',
    clusterId,
    '-c',
    properties,
  ]);
}

/** The controller keeps its port from start to start, as far as the port is still free. */
async function controllerPortOf(properties, brokerPort) {
  const text = await readFile(properties, 'utf8').catch(() => '');
  const stored = Number(/CONTROLLER:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1] ?? 0);
  if (stored !== 0 && stored !== brokerPort && (await isFree(stored))) return stored;
  let port = await freePort();
  while (port === brokerPort) port = await freePort(); // the broker does not listen yet, so its port looks free as well
  return port;
}

async function startFailure(logFile) {
  const said = await readFile(logFile, 'utf8').catch(() => '');
  const code = /Address already in use|BindException/.test(said) ? 'port-in-use' : 'broker-failed';
  const tail = said.trim().split('\n').slice(-15).join('\n');
  return Object.assign(new Error(`Apache Kafka did not start. The end of its log:\n${tail}`), { code });
}

function listen(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1' }, () => {
      const { port: taken } = server.address();
      server.close(() => resolve(taken));
    });
  });
}

const freePort = () => listen(0);
const isFree = (port) =>
  listen(port).then(
    () => true,
    () => false,
  );
