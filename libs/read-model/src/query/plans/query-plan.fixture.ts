import type { TenantDatabase } from '#postgres';
import type { CompiledStatement } from '../resource-statement.js';

/** What PostgreSQL says of one step of a plan that was run. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Parent Relationship'?: string;
  readonly 'Join Type'?: string;
  readonly 'Scan Direction'?: string;
  readonly 'Index Name'?: string;
  readonly 'Relation Name'?: string;
  readonly Alias?: string;
  readonly 'Subplan Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly PlanNode[];
}

export interface QueryPlan {
  /** One line a step, indented: what it does, by which index, over which columns; no costs, no rows, no values. */
  readonly steps: readonly string[];
  /** Tables that are read from end to end. */
  readonly scanned: readonly string[];
  /** The most rows that one step read in vain: an index that finds no more than the tenant would show here. */
  readonly inVain: number;
  readonly milliseconds: number;
}

/** `custom`: made for these values; `generic`: what a prepared statement ends up with. */
export type PlanMode = 'custom' | 'generic';

/** Runs the statement as the service role, seen by the tenant, and says how it was done. */
export const explain = async (
  database: TenantDatabase,
  tenantId: string,
  { text, values = [] }: CompiledStatement,
  mode: PlanMode,
): Promise<QueryPlan> => {
  const [found] = await database.transaction(tenantId, async (tx) => {
    await tx.query({ text: `SET LOCAL plan_cache_mode = force_${mode}_plan` });
    const explained = { text: `EXPLAIN (ANALYZE, BUFFERS OFF, TIMING OFF, FORMAT JSON) ${text}`, values };
    const { rows } = await tx.query<{ 'QUERY PLAN': readonly [{ Plan: PlanNode; 'Execution Time': number }] }>(
      explained,
    );
    return rows.flatMap((row) => row['QUERY PLAN']);
  });
  if (found === undefined) throw new Error('There is no plan.');
  const nodes = flatten(found.Plan);
  return {
    steps: stepsOf(found.Plan, 0),
    scanned: nodes.flatMap((node) => (isScanned(node) ? [node['Relation Name'] ?? ''] : [])),
    inVain: Math.max(0, ...nodes.map(removedRows)),
    milliseconds: found['Execution Time'],
  };
};

const flatten = (node: PlanNode): readonly PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)];

const isScanned = (node: PlanNode): boolean =>
  node['Node Type'] === 'Seq Scan' && node['Actual Loops'] > 0 && node['Relation Name']?.startsWith('read_') === true;

const removedRows = (node: PlanNode): number =>
  (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Join Filter'] ?? 0);

const stepsOf = (node: PlanNode, depth: number): readonly string[] => [
  '  '.repeat(depth) + described(node),
  ...(node.Plans ?? []).flatMap((inner) => stepsOf(inner, depth + 1)),
];

const described = (node: PlanNode): string => {
  const { 'Join Type': join, 'Index Name': index, 'Relation Name': table, 'Subplan Name': name, Alias: alias } = node;
  const words = [
    ...(name === undefined ? [] : [`${name}:`]),
    ...(join === undefined || join === 'Inner' ? [] : [join]),
    node['Node Type'],
    ...(node['Scan Direction'] === 'Backward' ? ['backward'] : []),
    ...(index === undefined ? [] : [`by ${index}`]),
    ...(table === undefined ? [] : [`on ${table}${alias === undefined || alias === table ? '' : ` ${alias}`}`]),
    ...(node['Index Cond'] === undefined ? [] : [`(${columnsOf(node['Index Cond'])})`]),
  ];
  return words.join(' ');
};

/** `((tenant_id = $1) AND (user_name >= 'a'::text))` → `tenant_id =, user_name >=` */
const columnsOf = (condition: string): string =>
  [...condition.matchAll(/\((?:\w+\.)?"?(\w+)"? (=|<=|>=|<|>|IS NULL|IS NOT NULL)/g)]
    .map(([, column = '', operator = '']) => `${column} ${operator}`)
    .join(', ');
