import { TenantClient, times } from '../e2e/clients.js';
import type { RunningSystem } from '../e2e/running-system.js';
import type { TopicRecord } from '../e2e/topics.js';
import { Attack } from './attack.js';
import { Journal, type Attempt } from './attempts.js';
import { committedRecords } from './committed-records.js';
import { Lane } from './lane.js';
import { planFaults } from './schedule.js';
import { SeededRandom } from './seeded-random.js';
import { SettledDatabase } from './settled-database.js';
import type { StoresOfARun } from './stores-of-a-run.js';
import { UnsteadyClient } from './unsteady-client.js';
import { acknowledgedOnce, directoryOf, inOrderOfAsking, onceAndInOrder, type Directory } from './verdict.js';

export interface RoundOptions {
  readonly seed: number;
  readonly lengthMs: number;
  readonly tenants: number;
  readonly lanesPerTenant: number;
}

export interface RoundReport {
  readonly seed: number;
  /** Faults by kind and target. */
  readonly faults: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unanswered: number;
  readonly events: number;
  /** What is wrong; nothing when all promises held. */
  readonly faultsFound: readonly string[];
}

const SETTLED_WITHIN_MS = 60_000;
/** No event for so long means that nothing moves: longer than any retry of a command. */
const QUIET_MS = 1_500;

/** Load, faults, quiet, verdict: on tenants of its own in a system that may have seen other rounds before. */
export const runRound = async (
  system: RunningSystem,
  stores: StoresOfARun,
  { seed, lengthMs, tenants: count, lanesPerTenant }: RoundOptions,
): Promise<RoundReport> => {
  const began = new Date().toISOString();
  const journal = new Journal();
  const complain = (what: string) => journal.complain(what);
  const tenants = await Promise.all(times(count).map(() => TenantClient.create(system)));
  const lanes = tenants.flatMap(({ id, token }) =>
    times(lanesPerTenant).map((number) => {
      const random = new SeededRandom(seed, `lane ${number}`);
      const client = new UnsteadyClient(system.scimApis, id, token, random, complain);
      return new Lane(`${id}-lane-${number}`, client, random, journal);
    }),
  );

  const over = new AbortController();
  const load = Promise.all(lanes.map((lane) => lane.run(over.signal)));
  const attack = new Attack(system, stores, complain);
  try {
    await attack.run(planFaults(seed, lengthMs));
  } finally {
    over.abort();
    await load;
  }

  const database = new SettledDatabase(system.ownerDatabaseUrl);
  try {
    const ids = tenants.map(({ id }) => id);
    const events = await settled(system, database, ids);
    const found = await verdict({ system, database, tenants, journal });
    return {
      seed,
      faults: Object.fromEntries([...attack.done].sort()),
      acknowledged: journal.count('acknowledged'),
      refused: journal.count('refused'),
      unanswered: journal.count('unknown'),
      events,
      faultsFound: [...journal.complaints, ...found, ...errorsLogged(system, began)],
    };
  } finally {
    attack.stop();
    await database.close();
  }
};

/** What services call errors is for an operator to act on; a database or broker that comes back is none. */
const errorsLogged = (system: RunningSystem, since: string): readonly string[] =>
  [...system.services].flatMap(([name, { output }]) =>
    output
      .split('\n')
      .filter((line) => /"level":"(error|fatal)"/.test(line) && (/"time":"([^"]+)"/.exec(line)?.[1] ?? since) >= since)
      .map((line) => `${name} logged ${line.slice(0, 1_000)}`),
  );

/** Resolves with the number of events when all processes are ready, read models are at the head, Kafka has all, and nothing moves. */
const settled = async (
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
  const states = [...system.services].map(async ([name, service]) => {
    if (!(await service.isReady())) return [`${name} is not ready`];
    if (name !== 'publisher') return [];
    const metrics = await fetch(`${service.url}/metrics`).then((answer) => answer.text());
    const lag = /^publisher_lag_events (\d+)$/m.exec(metrics)?.[1];
    const partitions = /^publisher_partitions (\d+)$/m.exec(metrics)?.[1];
    return lag === '0' && partitions !== '0' ? [] : [`${name} holds ${partitions} partitions and lacks ${lag} events`];
  });
  return (await Promise.all(states)).flat();
};

interface Case {
  readonly system: RunningSystem;
  readonly database: SettledDatabase;
  readonly tenants: readonly TenantClient[];
  readonly journal: Journal;
}

const verdict = async ({ system, database, tenants, journal }: Case): Promise<readonly string[]> => {
  const ids = tenants.map(({ id }) => id);
  const topics = ['changes', 'users', 'groups', 'memberships'].map((kind) => `${system.topicPrefix}.${kind}.v1`);
  const records = Map.groupBy(
    await committedRecords(system.kafkaBrokers, topics),
    ({ headers }) => headers['ce_tenantid'] ?? '',
  );
  const attempts = Map.groupBy(journal.attempts, ({ tenantId }) => tenantId);
  const perTenant = tenants.map((tenant) =>
    verdictOnTenant(tenant, database, records.get(tenant.id) ?? [], attempts.get(tenant.id) ?? []),
  );
  return [
    ...(await database.gaps(ids)),
    ...(await database.sharedNames(ids)),
    ...(await Promise.all(perTenant)).flat(),
    ...(await database.rebuiltDiffers(ids)),
  ];
};

const verdictOnTenant = async (
  tenant: TenantClient,
  database: SettledDatabase,
  records: readonly TopicRecord[],
  attempts: readonly Attempt[],
): Promise<readonly string[]> => {
  const on = (kind: string) => records.filter(({ topic }) => topic.endsWith(`.${kind}.v1`));
  const logged = await database.logged(tenant.id);
  const idsOf = (kind?: string) =>
    logged.filter((event) => kind === undefined || event.kind === kind).map(({ id }) => id);
  const changes = on('changes');
  const { faults, ...directory } = directoryOf(changes);
  const found = [
    ...onceAndInOrder('changes', idsOf(), changes),
    ...onceAndInOrder('users', idsOf('user'), on('users')),
    ...onceAndInOrder('groups', idsOf('group'), on('groups')),
    ...onceEach('memberships', on('memberships')),
    ...faults,
    ...acknowledgedOnce(attempts, changes),
    ...inOrderOfAsking(attempts, changes),
    ...(await shownDiffers(tenant, directory)),
  ];
  return found.map((what) => `${tenant.id}: ${what}`);
};

const onceEach = (topic: string, records: readonly TopicRecord[]): readonly string[] =>
  new Set(records.map(({ headers }) => headers['ce_id'])).size === records.length ? [] : [`${topic} has records twice`];

/** What clients are shown, against what Kafka's readers were told. */
const shownDiffers = async (tenant: TenantClient, told: Directory): Promise<readonly string[]> => {
  const [users, groups] = await Promise.all([
    listed(tenant, '/Users', ({ id, userName, title, active }) => ({ id, userName, title, active })),
    listed(tenant, '/Groups', ({ id, displayName, members = [] }) => ({
      id,
      displayName,
      members: (members as readonly { value: string }[]).map(({ value }) => value).sort(),
    })),
  ]);
  const toldGroups = [...told.groups.values()].map((group) => ({ ...group, members: [...group.members].sort() }));
  return [...differing('users', users, [...told.users.values()]), ...differing('groups', groups, toldGroups)];
};

const PAGE = 200;

const listed = async (
  tenant: TenantClient,
  path: string,
  shape: (resource: Readonly<Record<string, unknown>>) => object,
): Promise<readonly object[]> => {
  const all: object[] = [];
  for (;;) {
    const { status, body } = await tenant.get(`${path}?count=${PAGE}&startIndex=${all.length + 1}`);
    if (status !== 200) throw new Error(`${path} of ${tenant.id} was answered ${status}: ${JSON.stringify(body)}`);
    all.push(...body.Resources.map(shape));
    if (body.Resources.length === 0 || all.length >= body.totalResults) return all;
  }
};

const differing = (what: string, shown: readonly object[], told: readonly object[]): readonly string[] => {
  const [left, right] = [shown, told].map((items) => new Set(items.map((item) => JSON.stringify(item))));
  const [extra, lacking] = [left?.difference(right ?? new Set()), right?.difference(left ?? new Set())];
  return extra?.size === 0 && lacking?.size === 0
    ? []
    : [`${what} shown, not told: ${[...(extra ?? [])].join(' ')}; told, not shown: ${[...(lacking ?? [])].join(' ')}`];
};
