import type { Statement } from '#postgres';
import type { BatchRows } from './rows-of-batch.js';

/** Whose checkpoint moves from where to where when the batch is written. */
export interface CheckpointMove {
  readonly tenantId: string;
  readonly projection: string;
  readonly generation: number;
  readonly from: number;
  readonly to: number;
  readonly eventTime: Date;
  readonly worker: string;
  readonly leaseMs: number;
  /** What the generation indexes. */
  readonly indexes: readonly string[];
  /** What the tenant wants from here on; undefined: as before. */
  readonly wantedIndexes: readonly string[] | undefined;
}

/**
 * One statement, thus one transaction and one round trip: it moves the checkpoint from exactly where the batch began, and everything else
 * is written only if that succeeded. A second projector that read the same events waits for the row, finds it moved and writes nothing.
 * Returns one row when it was written, none when the checkpoint was elsewhere.
 */
export const batchStatement = (move: CheckpointMove, rows: BatchRows): Statement => {
  const values: unknown[] = [
    move.tenantId,
    move.projection,
    move.generation,
    move.from,
    move.to,
    move.eventTime,
    move.worker,
    move.leaseMs,
    rows.usersDifference,
    rows.groupsDifference,
    move.wantedIndexes ?? null,
  ];
  const value = (one: unknown): string => `$${values.push(one)}`;
  const parts = [
    fence,
    ...userParts(rows, value),
    ...groupParts(rows, value),
    ...resourceParts(rows, value),
    ...membershipParts(rows, value),
    ...when(move.indexes, () => valueParts(rows, move.indexes, value)),
  ];
  return { text: `WITH ${parts.join(',\n')}\nSELECT 1 FROM fence`, values };
};

type Value = (value: unknown) => string;

const fence = `fence AS (
  UPDATE projection_generations
  SET sequence = $5, event_time = $6, worker = $7, lease_until = now() + make_interval(secs => $8::float8 / 1000),
    users_total = users_total + $9, groups_total = groups_total + $10,
    wanted_indexes = coalesce($11::text[], wanted_indexes),
    parked_event_id = NULL, parked_sequence = NULL, parked_code = NULL, parked_at = NULL
  WHERE tenant_id = $1 AND projection = $2 AND generation = $3 AND sequence = $4 AND status <> 'retired'
  RETURNING tenant_id, generation)`;

const resourceColumns = [
  'id',
  'revision',
  'created_at',
  'changed_at',
  'external_id',
  'display_name',
  'attributes',
  'search',
];
const userColumns = [...resourceColumns, 'active', 'user_name'];
const columnTypes: Readonly<Record<string, string>> = {
  revision: 'int',
  created_at: 'timestamptz',
  changed_at: 'timestamptz',
  attributes: 'jsonb',
  search: 'jsonb',
  active: 'boolean',
};

const userParts = (rows: BatchRows, value: Value): string[] => [
  ...upsertResources('read_users', userColumns, rows.users, value),
  ...deleteByIds('read_users', 'id', rows.goneUsers, value),
  ...deleteByIds('read_emails', 'user_id', rows.goneUsers, value),
  ...emailParts(rows, value),
];

const groupParts = (rows: BatchRows, value: Value): string[] => [
  ...upsertResources('read_groups', resourceColumns, rows.groups, value),
  ...deleteByIds('read_groups', 'id', rows.goneGroups, value),
  ...when(rows.goneGroups, () => [
    `swept AS (INSERT INTO membership_sweeps (tenant_id, generation, group_id)
      SELECT f.tenant_id, f.generation, g.id FROM fence f, unnest(${value(rows.goneGroups)}::text[]) AS g(id)
      ON CONFLICT DO NOTHING)`,
  ]),
];

const resourceParts = (rows: BatchRows, value: Value): string[] => [
  ...upsertResources('read_resources', [...resourceColumns, 'resource_type'], rows.resources, value),
  ...deleteByIds('read_resources', 'id', rows.goneResources, value),
  ...when(rows.resourceDifferences, () => [
    `count_resources AS (INSERT INTO read_resource_totals AS t (tenant_id, generation, resource_type, total)
      SELECT f.tenant_id, f.generation, d.resource_type, d.difference
      FROM fence f, jsonb_to_recordset(${value(JSON.stringify(rows.resourceDifferences))}::jsonb)
        AS d(resource_type text, difference int)
      ON CONFLICT (tenant_id, generation, resource_type) DO UPDATE SET total = t.total + EXCLUDED.total)`,
  ]),
];

const upsertResources = (table: string, columns: readonly string[], rows: readonly string[], value: Value): string[] =>
  when(rows, () => [
    `put_${table} AS (INSERT INTO ${table} (tenant_id, generation, ${columns.join(', ')})
      SELECT f.tenant_id, f.generation, ${columns.map((name) => `r.${name}`).join(', ')}
      FROM fence f, jsonb_to_recordset(${value(`[${rows.join(',')}]`)}::jsonb) AS r(${columns.map(typed).join(', ')})
      ON CONFLICT (tenant_id, generation, id) DO UPDATE SET ${columns.slice(1).map(excluded).join(', ')})`,
  ]);

const emailParts = ({ emails, shortened }: BatchRows, value: Value): string[] => [
  ...when(emails, () => [
    `put_emails AS (INSERT INTO read_emails (tenant_id, generation, user_id, position, value, type, is_primary)
      SELECT f.tenant_id, f.generation, e.user_id, e.position, e.value, e.type, e.is_primary
      FROM fence f, jsonb_to_recordset(${value(JSON.stringify(emails))}::jsonb)
        AS e(user_id text, position int, value text, type text, is_primary boolean)
      ON CONFLICT (tenant_id, generation, user_id, position)
        DO UPDATE SET value = EXCLUDED.value, type = EXCLUDED.type, is_primary = EXCLUDED.is_primary)`,
  ]),
  ...when(shortened, () => [
    `cut_emails AS (DELETE FROM read_emails e
      USING fence f, jsonb_to_recordset(${value(JSON.stringify(shortened))}::jsonb) AS s(user_id text, length int)
      WHERE e.tenant_id = $1 AND e.generation = $3 AND f.generation = e.generation
        AND e.user_id = s.user_id COLLATE "C" AND e.position >= s.length)`,
  ]),
];

const membershipParts = ({ memberships }: BatchRows, value: Value): string[] => {
  const { added, removed, goneMembers } = memberships;
  return [
    ...when(added.groupIds, () => [
      `put_memberships AS (INSERT INTO read_memberships (tenant_id, generation, group_id, member_id, member_type)
        SELECT f.tenant_id, f.generation, m.group_id, m.member_id, m.member_type
        FROM fence f, unnest(${value(added.groupIds)}::text[], ${value(added.memberIds)}::text[],
          ${value(added.memberTypes)}::text[]) AS m(group_id, member_id, member_type)
        ON CONFLICT DO NOTHING)`,
    ]),
    ...when(removed.groupIds, () => [
      `cut_memberships AS (DELETE FROM read_memberships m
        USING fence f, unnest(${value(removed.groupIds)}::text[], ${value(removed.memberIds)}::text[]) AS r(group_id, member_id)
        WHERE m.tenant_id = $1 AND m.generation = $3 AND f.generation = m.generation
          AND m.group_id = r.group_id COLLATE "C" AND m.member_id = r.member_id COLLATE "C")`,
    ]),
    ...deleteByIds('read_memberships', 'member_id', goneMembers, value),
  ];
};

const valueParts = (
  { values, fewerValues, goneUsers, goneGroups }: BatchRows,
  indexes: readonly string[],
  value: Value,
): string[] => {
  const gone = [...goneUsers, ...goneGroups];
  return [
    ...when(values, () => [
      `put_values AS (INSERT INTO read_values (tenant_id, generation, path, resource_id, position, folded, exact, number)
        SELECT f.tenant_id, f.generation, v.path, v.resource_id, v.position, v.folded, v.exact, v.number
        FROM fence f, jsonb_to_recordset(${value(JSON.stringify(values))}::jsonb)
          AS v(path text, resource_id text, position int, folded text, exact text, number float8)
        ON CONFLICT (tenant_id, generation, path, resource_id, position)
          DO UPDATE SET folded = EXCLUDED.folded, exact = EXCLUDED.exact, number = EXCLUDED.number)`,
    ]),
    ...when(fewerValues, () => [
      `cut_values AS (DELETE FROM read_values v
        USING fence f, jsonb_to_recordset(${value(JSON.stringify(fewerValues))}::jsonb) AS s(path text, resource_id text, length int)
        WHERE v.tenant_id = $1 AND v.generation = $3 AND f.generation = v.generation
          AND v.path = s.path COLLATE "C" AND v.resource_id = s.resource_id COLLATE "C" AND v.position >= s.length)`,
    ]),
    ...when(gone, () => [
      `drop_values AS (DELETE FROM read_values v USING fence f
        WHERE v.tenant_id = $1 AND v.generation = $3 AND f.generation = v.generation
          AND v.path = ANY (${value(indexes)}::text[]) AND v.resource_id = ANY (${value(gone)}::text[]))`,
    ]),
  ];
};

const deleteByIds = (table: string, column: string, ids: readonly string[], value: Value): string[] =>
  when(ids, () => [
    `cut_${table}_${column} AS (DELETE FROM ${table} d USING fence f
      WHERE d.tenant_id = $1 AND d.generation = $3 AND f.generation = d.generation AND d.${column} = ANY (${value(ids)}::text[]))`,
  ]);

const when = (rows: readonly unknown[], parts: () => string[]): string[] => (rows.length === 0 ? [] : parts());
const typed = (column: string): string => `${column} ${columnTypes[column] ?? 'text'}`;
const excluded = (column: string): string => `${column} = EXCLUDED.${column}`;
