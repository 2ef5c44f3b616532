import type { GroupState, UserState } from '#directory';
import { parseStreamName, type Recorded } from '#event-sourcing';
import type { TenantDatabase } from '#postgres';
import type { Attributes } from '#scim';
import type { DirectoryBatch } from './directory-batch.js';
import type { Filling } from './generations.js';
import type { StandingResource } from './resource-folds.js';

interface StandingColumns {
  kind: 'user' | 'group';
  id: string;
  revision: number;
  created_at: Date;
  changed_at: Date;
  attributes: Attributes;
  active: boolean | null;
}

const statement = `
  SELECT 'user' AS kind, id, revision, created_at, changed_at, attributes, active FROM read_users
    WHERE tenant_id = $1 AND generation = $2 AND id = ANY ($3::text[])
  UNION ALL
  SELECT 'group', id, revision, created_at, changed_at, attributes, NULL FROM read_groups
    WHERE tenant_id = $1 AND generation = $2 AND id = ANY ($4::text[])`;

/** Loads, in one statement, the rows that the events build on. Resources created by these very events need none. */
export const loadStanding = async (
  database: TenantDatabase,
  { tenantId, generation }: Filling,
  events: readonly Recorded[],
  batch: DirectoryBatch,
): Promise<void> => {
  const { user, group } = resourcesBefore(events);
  if (user.length === 0 && group.length === 0) return;
  const { rows } = await database.query<StandingColumns>(tenantId, {
    name: 'standing-rows',
    text: statement,
    values: [tenantId, generation, user, group],
  });
  batch.users.load(rows.flatMap((row) => (row.kind === 'user' ? [standingUser(row)] : [])));
  batch.groups.load(rows.flatMap((row) => (row.kind === 'group' ? [standingGroup(row)] : [])));
};

const resourcesBefore = (events: readonly Recorded[]): { readonly user: string[]; readonly group: string[] } => {
  const first = new Map<string, Recorded>();
  for (const recorded of events) if (!first.has(recorded.streamName)) first.set(recorded.streamName, recorded);
  const ids = { user: [] as string[], group: [] as string[] };
  for (const [name, { resourceId, revision }] of first) {
    const { kind } = parseStreamName(name);
    if (revision > 0 && (kind === 'user' || kind === 'group')) ids[kind].push(resourceId);
  }
  return ids;
};

const standingUser = (row: StandingColumns): StandingResource<UserState> => ({
  ...commonParts(row),
  state: { status: 'present', attributes: row.attributes, active: row.active === true },
});

const standingGroup = (row: StandingColumns): StandingResource<GroupState> => ({
  ...commonParts(row),
  state: { status: 'present', attributes: row.attributes },
});

const commonParts = ({ id, revision, created_at, changed_at }: StandingColumns) => ({
  id,
  revision,
  createdAt: created_at,
  changedAt: changed_at,
});
