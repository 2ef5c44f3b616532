import {
  matches,
  type ResolvedComparison,
  type ResolvedFilter,
  type ResolvedPresence,
  type ResolvedValuePath,
  type ResourceSchema,
} from '#scim';
import { columnCondition } from './column-condition.js';
import {
  all,
  any,
  comparison,
  farthest,
  indexed,
  not,
  scanned,
  total,
  type Condition,
  type Parameters,
} from './condition.js';
import {
  attributePath,
  comparisonInDocument,
  elementDocument,
  jsonPath,
  presenceInDocument,
  resourceDocument,
} from './document-condition.js';
import {
  emailRelation,
  expressionCondition,
  groupRelation,
  memberRelation,
  rowsOf,
  type Relation,
  type Surroundings,
} from './relations.js';
import { isAccess, textColumnOf, timeColumnOf } from './resource-columns.js';
import { compile, type Scope } from './scope.js';
import { narrowing, valueComparison, valuePresence, valueRanges } from './value-condition.js';

const ROW = 'r';

/** The attributes of a resource whose row of `table` is called `r`. */
export const resourceScope = (
  { schema, table }: { readonly schema: ResourceSchema; readonly table: string },
  around: Surroundings,
  parameters: Parameters,
): Scope => {
  const document = resourceDocument(ROW);
  /** Only values of users and groups stand in rows, whatever another type calls its attributes. */
  const valued = table === 'read_resources' ? { ...around, indexes: new Set<string>() } : around;
  const inDocument = (leaf: ResolvedComparison) => comparisonInDocument(document, leaf, parameters);
  const scope: Scope = {
    compare: (leaf) => {
      const relation = relationOf(schema, leaf.attribute.path, around, parameters);
      if (relation !== undefined) return anyRow(relation, leaf) ?? inDocument(leaf);
      return ownCondition(leaf) ?? valueComparison(leaf, valued, parameters) ?? inDocument(leaf);
    },
    present: (leaf) => {
      const relation = relationOf(schema, leaf.attribute.path, around, parameters);
      if (relation !== undefined) return rowPresent(relation, leaf) ?? presenceInDocument(document, leaf, parameters);
      return (
        ownPresence(leaf) ?? valuePresence(leaf, valued, parameters) ?? presenceInDocument(document, leaf, parameters)
      );
    },
    valuePath: (path) => {
      if (!path.attribute.multiValued) return all([scope.present(wholeAttribute(path)), compile(path.filter, scope)]);
      const relation = relationOf(schema, path.attribute.path, around, parameters);
      if (relation?.answers(path.filter) === true) return idIn(relation, compile(path.filter, relation.element));
      const few = narrowing(path.filter, valued, parameters);
      const element = anyElement(path, parameters);
      return few === undefined ? element : all([few, element]);
    },
    either: (conditions) => {
      const reach = farthest(conditions);
      if (reach === 'all') return any(conditions);
      const ofType = schema.resourceType.name;
      const rows = `${rowsOf(around, ROW)}${table === 'read_resources' ? ` AND r.resource_type = ${parameters.add(ofType)}` : ''}`;
      return indexed(idInAny(conditions, table, rows), reach);
    },
    together: (operands) => valueRanges(operands, valued, parameters),
  };

  const byExpression = (column: string) => (leaf: ResolvedComparison) => expressionCondition(column, leaf, parameters);

  const ownCondition = (leaf: ResolvedComparison): Condition | undefined => {
    const { path } = leaf.target;
    const column = textColumnOf(leaf.target);
    if (column !== undefined)
      return columnCondition(column, leaf, parameters, path === 'id' ? byExpression(column) : inDocument);
    const expression = expressions(schema, around).get(path);
    if (expression !== undefined) return expressionCondition(expression(), leaf, parameters);
    if (isAccess(leaf.target) && leaf.value.type === 'boolean') return activeCondition(leaf.operator, leaf.value.value);
    const time = timeColumnOf(leaf.target);
    if (time !== undefined) return timeCondition(time, leaf, parameters);
    if (path === 'schemas') return schemasCondition(schema, leaf, parameters);
    if (path === 'meta.resourceType')
      return constant(matches(leaf, { meta: { resourceType: schema.resourceType.name } }));
    return undefined;
  };

  const ownPresence = ({ target }: ResolvedPresence): Condition | undefined => {
    const { path } = target;
    if (path === 'id' || path === 'schemas' || path === 'meta' || path.startsWith('meta.') || isAccess(target))
      return constant(true);
    const derived = path === managerDisplayName ? expressions(schema, around).get(path) : undefined;
    return derived === undefined ? undefined : scanned(`${derived()} IS NOT NULL`);
  };

  return scope;
};

const managerUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const managerDisplayName = `${managerUrn}:manager.displayName`;

/** `meta.created` has no index: it is asked for by nobody, and ids are in its order. */
const timeCondition = (column: string, leaf: ResolvedComparison, parameters: Parameters): Condition => {
  const sql = total(column, leaf.operator, comparison(column, leaf.operator, leaf.value, parameters));
  return column === 'r.changed_at' && leaf.operator !== 'ne' ? indexed(sql, 'range') : scanned(sql);
};

/** Written out, as the index of those who have no access is made: a parameter would keep a plan from it. */
const activeCondition = (operator: ResolvedComparison['operator'], value: boolean): Condition => {
  const isWanted = (operator === 'ne') !== value;
  return isWanted ? scanned('r.active') : indexed('NOT r.active', 'range');
};

/** Texts that are stored nowhere as such. */
const expressions = ({ resourceType }: ResourceSchema, around: Surroundings): ReadonlyMap<string, () => string> =>
  new Map([
    ['meta.version', () => `('W/"' || r.revision || '"') COLLATE "C"`],
    ['meta.location', () => `(${around.baseUrl()}::text || '${resourceType.endpoint}/' || r.id) COLLATE "C"`],
    [
      managerDisplayName,
      () => `(SELECT b.search ->> 'displayName' FROM read_users b
    WHERE b.tenant_id = ${around.tenant} AND b.generation = ${around.generation}
      AND b.id = r.attributes #>> '{${managerUrn},manager,value}') COLLATE "C"`,
    ],
  ]);

const relationOf = (
  { resourceType }: ResourceSchema,
  path: string,
  around: Surroundings,
  parameters: Parameters,
): Relation | undefined => {
  switch (`${resourceType.name}.${path}`) {
    case 'User.emails':
      return emailRelation(around, parameters);
    case 'User.groups':
      return groupRelation(around, parameters);
    case 'Group.members':
      return memberRelation(around, parameters);
    default:
      return undefined;
  }
};

const constant = (value: boolean): Condition => scanned(value ? 'TRUE' : 'FALSE');

const wholeAttribute = ({ attribute }: ResolvedValuePath): ResolvedPresence => ({
  kind: 'present',
  attribute,
  subAttribute: undefined,
  target: attribute,
});

const idIn = ({ idsWhere }: Relation, { sql, reach }: Condition): Condition => ({
  sql: `r.id IN (${idsWhere} AND ${sql})`,
  reach,
});

/**
 * Each condition finds its rows by its own index, which OR would keep from them as soon as one looks into another table. In each branch `r`
 * is a row of its own.
 */
const idInAny = (conditions: readonly Condition[], table: string, rows: string): string => {
  const branches = conditions.map(({ sql }) => `SELECT r.id FROM ${table} r WHERE ${rows} AND ${sql}`);
  return `r.id IN (${branches.join(' UNION ALL ')})`;
};

/** A comparison with any of the rows; `ne` holds too when no row has a value. Undefined when the rows cannot answer it. */
const anyRow = (relation: Relation, leaf: ResolvedComparison): Condition | undefined => {
  if (!relation.answers(leaf)) return undefined;
  if (leaf.operator !== 'ne') return idIn(relation, relation.element.compare(leaf));
  const assigned = relation.element.present({ ...leaf, kind: 'present' });
  return any([not(idIn(relation, assigned)), idIn(relation, all([assigned, relation.element.compare(leaf)]))]);
};

const rowPresent = (relation: Relation, leaf: ResolvedPresence): Condition | undefined => {
  if (leaf.subAttribute === undefined) return idIn(relation, scanned('TRUE'));
  return relation.answers(leaf) ? idIn(relation, relation.element.present(leaf)) : undefined;
};

/** Both conditions on one value (R61): the elements as they are searched and as they were sent, side by side. */
const anyElement = ({ attribute, filter }: ResolvedValuePath, parameters: Parameters): Condition => {
  const path = parameters.add(`${jsonPath(attributePath(attribute))}[*]`);
  const document = elementDocument('e');
  const element: Scope = {
    compare: (leaf) => comparisonInDocument(document, leaf, parameters),
    present: (leaf) => presenceInDocument(document, leaf, parameters),
    valuePath: () => constant(false), // value filters cannot be nested
    either: any,
  };
  const elements = `ROWS FROM (jsonb_path_query(r.search, ${path}::jsonpath), jsonb_path_query(r.attributes, ${path}::jsonpath))`;
  return scanned(`EXISTS (SELECT FROM ${elements} AS e(search, exact) WHERE ${compile(filter, element).sql})`);
};

/** `schemas` is not stored: the base schema is always there, an extension when there is data of it (R66). */
const schemasCondition = (schema: ResourceSchema, leaf: ResolvedComparison, parameters: Parameters): Condition => {
  const holds = (urn: string): boolean => matches(leaf satisfies ResolvedFilter, { schemas: [urn] });
  if (holds(schema.base.urn)) return constant(true);
  const urns = [...schema.extensions.values()].flatMap(({ urn }) => (holds(urn) ? [urn] : []));
  return any(urns.map((urn) => scanned(`jsonb_exists(r.attributes, ${parameters.add(urn)})`)));
};
