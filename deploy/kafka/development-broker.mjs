/**
 * A genuine Apache Kafka for laptops and tests: one node, KRaft mode, listening on 127.0.0.1 only.
 *
 * As a command:    node deploy/kafka/development-broker.mjs [--port 9092] [--data .data/kafka]
 * As a function:   const { brokers, stop } = await startDevelopmentBroker({ dataDirectory, port, log })
 *
 * Java >= 17 and Maven run it as a child process; the jars (about 44 MB) are fetched once and kept in
 * `$XDG_CACHE_HOME/rollcall/kafka-<version>`. Where they are missing and a Docker engine answers, the official
 * image runs instead. Where neither is there, an error with `code: 'no-broker-possible'` says what is missing.
 *
 * Port 0 means any free port. Data survives a restart. The broker never outlives the process that started it,
 * not even after `kill -9`; a broker left behind all the same is found by `kafka.pid` and ended at the next start.
 * Not for production: one replica, a small heap, no authentication.
 */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startBrokerContainer, dockerAnswers } from './broker-container.mjs';
import { cachedJars, fetchJars, kafkaVersion, missingTools } from './broker-jars.mjs';
import { startBrokerProcess } from './broker-process.mjs';

/**
 * Starts the broker and resolves when it answers requests.
 *
 * @param {{ dataDirectory: string, port?: number, log?: (line: string) => void }} options
 *   `dataDirectory` is created if need be; `port` 0 (the default) picks a free one.
 * @returns {Promise<{ brokers: string[], stop: () => Promise<void>, stopped: Promise<void> }>}
 *   `stop` ends it cleanly and may be called twice; `stopped` settles whenever it has ended, wanted or not.
 * @throws an Error whose `code` is `no-broker-possible` (neither Java and Maven nor Docker), `data-in-use` (a living
 *   process runs a broker on this directory), `port-in-use`, or `broker-failed` (with the end of its log)
 */
export async function startDevelopmentBroker({ dataDirectory, port = 0, log = () => {} }) {
  const directory = resolve(dataDirectory);
  await mkdir(directory, { recursive: true });
  const missing = await missingTools();
  const jars = await cachedJars();
  const runnable = jars ? missing.filter((tool) => tool.name !== 'Maven') : missing;
  if (runnable.length === 0) {
    const classPath = jars ?? (await fetchJars(log));
    return startBrokerProcess({ classPath, directory, port, log });
  }
  if (await dockerAnswers()) {
    return startBrokerContainer({ version: await kafkaVersion(), directory, port, log });
  }
  throw Object.assign(
    new Error(
      `No development Kafka: ${runnable.map((tool) => tool.problem).join('; ')}; and no Docker engine answers either. ` +
        'Install Java 17 or newer and Maven, or start Docker, or name a broker of your own in KAFKA_BROKERS.',
    ),
    { code: 'no-broker-possible' },
  );
}

async function main() {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '9092' }, data: { type: 'string', default: '.data/kafka' } },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`--port must be a number from 0 to 65535, not "${values.port}".`);
  }
  const log = (line) => console.error(line);
  const broker = await startDevelopmentBroker({ dataDirectory: values.data, port, log });
  console.log(broker.brokers.join(','));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void broker.stop());
  await broker.stopped;
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
