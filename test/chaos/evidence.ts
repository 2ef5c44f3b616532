import type { RunningSystem } from '../e2e/running-system.js';
import type { TenantClient } from '../e2e/clients.js';
import type { TopicRecord } from '../e2e/topics.js';
import type { Attempt, Journal } from './attempts.js';
import { DirectoryOfChanges } from './changes.js';
import { committedRecords } from './committed-records.js';
import { compacted, differences, topicKind } from './directory.js';
import { contradictsAcknowledged } from './memberships.js';
import type { SettledDatabase } from './settled-database.js';
import { acknowledgedOnce, inOrderOfAsking, inTenantOrder, onceAndInOrder, unpublished } from './verdict.js';

/** Everything that can be known of a round when nothing moves any more. */
export interface Evidence {
  readonly system: RunningSystem;
  readonly database: SettledDatabase;
  readonly tenants: readonly TenantClient[];
  readonly journal: Journal;
}

/** What of it contradicts the promises of the system; nothing when all were kept. */
export const contradictions = async ({ system, database, tenants, journal }: Evidence): Promise<readonly string[]> => {
  const ids = tenants.map(({ id }) => id);
  const topics = ['changes', 'users', 'groups', 'memberships', 'publisher-positions'].map(
    (kind) => `${system.topicPrefix}.${kind}.v1`,
  );
  const records = Map.groupBy(
    await committedRecords(system.kafkaBrokers, topics),
    ({ key }) => key.split('/')[0] ?? '', // every key begins with the tenant
  );
  const attempts = Map.groupBy(journal.attempts, ({ tenantId }) => tenantId);
  return [
    ...(await database.gaps(ids)),
    ...(await database.rebuiltDiffers(ids)),
    ...(
      await Promise.all(
        tenants.map((tenant) =>
          ofTenant(tenant, database, records.get(tenant.id) ?? [], attempts.get(tenant.id) ?? []),
        ),
      )
    ).flat(),
  ];
};

const ofTenant = async (
  tenant: TenantClient,
  database: SettledDatabase,
  records: readonly TopicRecord[],
  attempts: readonly Attempt[],
): Promise<readonly string[]> => {
  const on = (kind: string) => records.filter((record) => topicKind(record) === kind);
  const logged = await database.logged(tenant.id);
  const idsOf = (kind?: string) =>
    logged.filter((event) => kind === undefined || event.kind === kind).map(({ id }) => id);
  const changes = on('changes');
  const told = new DirectoryOfChanges(changes);
  const rows = await database.recount(tenant.id);
  const found = [
    ...onceAndInOrder('changes', idsOf(), changes),
    ...onceAndInOrder('users', idsOf('user'), on('users')),
    ...onceAndInOrder('groups', idsOf('group'), on('groups')),
    ...inTenantOrder('memberships', told.expectedMembershipRecords, on('memberships')),
    ...unpublished(logged, on('publisher-positions')),
    ...told.faults,
    ...acknowledgedOnce(attempts, changes),
    ...inOrderOfAsking(attempts, changes),
    ...contradictsAcknowledged(attempts, rows.memberships),
    ...differences(['the read model', rows], ['changes', told.directory]),
    ...differences(['the read model', rows], ['compacted topics', compacted(records)]),
    ...differences(['the read model', rows], ['the membership index', await database.membershipIndex(tenant.id)]),
    ...(await database.brokenRules(tenant.id)),
    ...(await answeredDifferently(tenant, { Users: rows.users.length, Groups: rows.groups.length })),
  ];
  return found.map((what) => `${tenant.id}: ${what}`);
};

/** How many of each clients are told of. */
const answeredDifferently = async (
  tenant: TenantClient,
  rows: Readonly<Record<string, number>>,
): Promise<readonly string[]> => {
  const answers = Object.entries(rows).map(async ([endpoint, count]) => {
    const { status, body } = await tenant.get(`/${endpoint}?count=0`);
    return body.totalResults === count
      ? []
      : [`/${endpoint} was answered ${status} with ${body.totalResults} of ${count}`];
  });
  return (await Promise.all(answers)).flat();
};
