import type { RunningSystem } from '../e2e/running-system.js';
import type { SettledDatabase } from './settled-database.js';

const SETTLED_WITHIN_MS = 120_000;
/** No event for so long means that nothing moves: longer than any retry of a command. */
const QUIET_MS = 1_500;

/**
 * Resolves with the number of events when all processes are ready, read models are at the head, Kafka has all, and nothing moves. Throws when
 * that does not come about: somebody is stuck.
 */
export const settled = async (
  system: RunningSystem,
  database: SettledDatabase,
  tenantIds: readonly string[],
): Promise<number> => {
  const deadline = Date.now() + SETTLED_WITHIN_MS;
  let written = -1;
  let since = Date.now();
  for (;;) {
    const stuck = await stuckProcesses(system);
    const progress = await database.progress(tenantIds).catch(() => undefined);
    if (progress === undefined || progress.written !== written || progress.lag > 0) since = Date.now();
    written = progress?.written ?? -1;
    if (stuck.length === 0 && Date.now() - since >= QUIET_MS) return written;
    if (Date.now() > deadline)
      throw new Error(
        `Not settled: ${stuck.join(', ') || 'all processes ready'}; read models and reaper lack ${progress?.lag} events.\n` +
          [...system.services].map(([name, { output }]) => `${name}: ${output.slice(-1_500)}`).join('\n'),
      );
    await new Promise((again) => setTimeout(again, 100));
  }
};

const stuckProcesses = async (system: RunningSystem): Promise<readonly string[]> => {
  const all = [...system.services];
  const ready = await Promise.all(all.map(async ([name, service]) => ({ name, service, is: await service.isReady() })));
  const waiting = ready.flatMap(({ name, is }) => (is ? [] : [`${name} is not ready`]));
  if (waiting.length > 0) return waiting;
  const publishers = await Promise.all(
    all.filter(([name]) => name.startsWith('publisher')).map(([, { url }]) => publisherMetrics(url)),
  );
  const sum = (of: 'lag' | 'partitions') => publishers.reduce((total, one) => total + one[of], 0);
  const isDone = sum('lag') === 0 && sum('partitions') === system.partitions;
  return isDone ? [] : [`publishers hold ${sum('partitions')} partitions and lack ${sum('lag')} events`];
};

const publisherMetrics = async (url: string): Promise<{ readonly lag: number; readonly partitions: number }> => {
  const metrics = await fetch(`${url}/metrics`)
    .then((answer) => answer.text())
    .catch(() => '');
  const value = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(metrics)?.[1] ?? Number.NaN);
  return { lag: value('publisher_lag_events'), partitions: value('publisher_partitions') };
};

/** What services call errors is for an operator to act on; a database or broker that comes back is none. */
export const errorsLogged = (system: RunningSystem, since: string): readonly string[] =>
  [...system.services].flatMap(([name, { output }]) =>
    output
      .split('\n')
      .filter((line) => /"level":"(error|fatal)"/.test(line) && (/"time":"([^"]+)"/.exec(line)?.[1] ?? since) >= since)
      .map((line) => `${name} logged ${line.slice(0, 1_000)}`),
  );
