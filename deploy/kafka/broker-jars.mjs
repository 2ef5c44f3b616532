/** Where the broker's jars come from: Maven, once, into a cache that survives the checkout. */
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const POM = join(import.meta.dirname, 'pom.xml');
const OLDEST_JAVA = 17; // Kafka 4 brokers run on nothing older (KIP-1013)

/** @returns {Promise<string>} the Kafka version that pom.xml names */
export async function kafkaVersion() {
  const version = /<kafka\.version>([^<]+)</.exec(await readFile(POM, 'utf8'))?.[1];
  if (!version) throw new Error('deploy/kafka/pom.xml names no <kafka.version>.');
  return version;
}

const cacheDirectory = () => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'rollcall');
const jarDirectory = async () => join(cacheDirectory(), `kafka-${await kafkaVersion()}`);

/** @returns {Promise<string | undefined>} the class path, if the jars are here already */
export async function cachedJars() {
  const directory = await jarDirectory();
  // The directory appears by a rename, thus whole or not at all.
  return access(directory).then(
    () => join(directory, '*'),
    () => undefined,
  );
}

/**
 * Downloads the jars. Parallel calls do not disturb each other: each loads aside, the first to finish wins.
 *
 * @returns {Promise<string>} the class path
 */
export async function fetchJars(log) {
  const directory = await jarDirectory();
  await mkdir(cacheDirectory(), { recursive: true });
  const aside = await mkdtemp(`${directory}.`);
  try {
    log(`Fetching Apache Kafka ${await kafkaVersion()} with Maven (once, about 44 MB) …`);
    await run(
      'mvn',
      ['-q', '-B', '-f', POM, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${aside}`],
      { maxBuffer: 16 * 1024 * 1024 },
    );
    await rename(aside, directory).catch((error) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // someone else was faster: same jars
    });
  } catch (error) {
    const said = `${error.stdout ?? ''}${error.stderr ?? ''}`.trim().split('\n').slice(0, 5).join('\n');
    throw Object.assign(new Error(`Maven could not fetch Apache Kafka: ${said || error.message}`), {
      code: 'broker-failed',
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return join(directory, '*');
}

/** @returns {Promise<{ name: string, problem: string }[]>} what this machine lacks to run the broker from jars */
export async function missingTools() {
  const [java, maven] = await Promise.all([javaProblem(), mavenProblem()]);
  return [java, maven].filter((tool) => tool !== undefined);
}

async function javaProblem() {
  const found = await run('java', ['-version']).then(
    ({ stdout, stderr }) => `${stdout}${stderr}`,
    () => undefined,
  );
  if (found === undefined)
    return { name: 'Java', problem: `Java is not installed (${OLDEST_JAVA} or newer is needed)` };
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(found) ?? [];
  const major = Number(first === '1' ? second : first); // Java 8 calls itself 1.8
  if (major >= OLDEST_JAVA) return undefined;
  return { name: 'Java', problem: `Java is ${major || 'of an unknown version'} (${OLDEST_JAVA} or newer is needed)` };
}

const mavenProblem = () =>
  run('mvn', ['-v']).then(
    () => undefined,
    () => ({ name: 'Maven', problem: 'Maven (mvn) is not installed' }),
  );
