/** Finds and ends a broker whose starter is gone, so that it cannot block the next start on the same data. */
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const GENTLE_MS = 10_000;

const ps = (pid, column) =>
  run('ps', ['-ww', '-o', `${column}=`, '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );

/** @returns {Promise<string>} when the process started; pid and start time together name one process for ever */
export const startTimeOf = (pid) => ps(pid, 'lstart');

/**
 * @param {string} directory the data directory, with `kafka.pid` of the last start
 * @throws an Error with code `data-in-use` when the process that started the broker still lives
 */
export async function endLeftBehind(directory, log) {
  const file = join(directory, 'kafka.pid');
  const { broker, owner, ownerStarted } = parsed(await readFile(file, 'utf8').catch(() => ''));
  const isOurs = async () => {
    const command = await ps(broker, 'command'); // a pid is used again by others: look before killing
    return command.includes('kafka.Kafka') && command.includes(join(directory, 'server.properties'));
  };
  if (!broker || !(await isOurs())) return;
  if ((await startTimeOf(owner)) === ownerStarted) {
    throw Object.assign(
      new Error(`A development Kafka already runs on ${directory}, started by process ${owner}, which is still alive.`),
      { code: 'data-in-use' },
    );
  }
  log(`Ending a development Kafka that was left behind (process ${broker}).`);
  const deadline = Date.now() + GENTLE_MS;
  process.kill(broker, 'SIGTERM');
  while (await isOurs()) {
    if (Date.now() > deadline) process.kill(broker, 'SIGKILL');
    await pause(100);
  }
  await rm(file, { force: true });
}

function parsed(text) {
  try {
    const { broker, owner, ownerStarted } = JSON.parse(text);
    return { broker: Number(broker), owner: Number(owner), ownerStarted };
  } catch {
    return { broker: 0, owner: 0, ownerStarted: '' }; // no file, or half a one: nobody to end
  }
}
