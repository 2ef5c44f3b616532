import type { GroupState, ResourceState, UserState } from '#directory';
import { parseStreamName, type Recorded } from '#event-sourcing';
import type { TenantDatabase } from '#postgres';
import type { Attributes } from '#scim';
import type { DirectoryBatch } from './directory-batch.js';
import type { Filling } from './generations.js';
import type { StandingResource } from './resource-folds.js';

interface StandingColumns {
  kind: 'user' | 'group' | 'resource';
  id: string;
  revision: number;
  created_at: Date;
  changed_at: Date;
  attributes: Attributes;
  active: boolean | null;
  resource_type: string | null;
}

const statement = `
  SELECT 'user' AS kind, id, revision, created_at, changed_at, attributes, active, NULL AS resource_type FROM read_users
    WHERE tenant_id = $1 AND generation = $2 AND id = ANY ($3::text[])
  UNION ALL
  SELECT 'group', id, revision, created_at, changed_at, attributes, NULL, NULL FROM read_groups
    WHERE tenant_id = $1 AND generation = $2 AND id = ANY ($4::text[])
  UNION ALL
  SELECT 'resource', id, revision, created_at, changed_at, attributes, NULL, resource_type FROM read_resources
    WHERE tenant_id = $1 AND generation = $2 AND id = ANY ($5::text[])`;

/** Loads, in one statement, the rows that the events build on. Resources created by these very events need none. */
export const loadStanding = async (
  database: TenantDatabase,
  { tenantId, generation }: Filling,
  events: readonly Recorded[],
  batch: DirectoryBatch,
): Promise<void> => {
  const { user, group, resource } = resourcesBefore(events);
  if (user.length + group.length + resource.length === 0) return;
  const { rows } = await database.query<StandingColumns>(tenantId, {
    name: 'standing-rows',
    text: statement,
    values: [tenantId, generation, user, group, resource],
  });
  batch.users.load(rows.flatMap((row) => (row.kind === 'user' ? [standingUser(row)] : [])));
  batch.groups.load(rows.flatMap((row) => (row.kind === 'group' ? [standingGroup(row)] : [])));
  batch.resources.load(rows.flatMap((row) => (row.kind === 'resource' ? [standingResource(row)] : [])));
};

const resourcesBefore = (events: readonly Recorded[]): Readonly<Record<StandingColumns['kind'], string[]>> => {
  const first = new Map<string, Recorded>();
  for (const recorded of events) if (!first.has(recorded.streamName)) first.set(recorded.streamName, recorded);
  const ids: Record<StandingColumns['kind'], string[]> = { user: [], group: [], resource: [] };
  for (const [name, { resourceId, revision }] of first) {
    const { kind } = parseStreamName(name);
    if (revision > 0 && kind !== 'claim' && kind !== 'control') ids[kind].push(resourceId);
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

/** A row has what queries need: neither endpoint, schema nor claims, which only the log knows. */
const standingResource = (row: StandingColumns): StandingResource<ResourceState> => ({
  ...commonParts(row),
  state: {
    status: 'present',
    type: { resourceType: row.resource_type ?? '', endpoint: '', schema: '' },
    attributes: row.attributes,
    unique: [],
  },
});

const commonParts = ({ id, revision, created_at, changed_at }: StandingColumns) => ({
  id,
  revision,
  createdAt: created_at,
  changedAt: changed_at,
});
