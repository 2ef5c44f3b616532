import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ResourceEvent } from '#directory';
import {
  compileResourceSchema,
  findTarget,
  groupSchema,
  parseFilter,
  presetSchemas,
  resolveFilter,
  userSchema,
  type AttributeDefinition,
  type Attributes,
  type ResourceSchema,
} from '#scim';
import { Sweeper } from '../projection/sweeper.js';
import { createStage, type Stage } from '../read-model.fixture.js';
import { CustomQueries } from './custom-queries.js';
import { DirectoryQueries } from './directory-queries.js';
import type { FindResources } from './resource-statement.js';

const URN = 'urn:acme:Seat';
const attribute = (name: string, more: Partial<AttributeDefinition> = {}): AttributeDefinition => ({
  name,
  type: 'string',
  multiValued: false,
  description: '',
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...more,
});
/** Names that columns of users and groups have, and names that every object has, mean here what the schema says. */
const seatAttributes = [
  attribute('displayName', { type: 'integer' }),
  attribute('userName', { caseExact: true }),
  attribute('active', { type: 'boolean' }),
  attribute('members'),
  attribute('constructor'),
  attribute('price', { type: 'decimal' }),
  attribute('tags', { type: 'complex', multiValued: true, subAttributes: [attribute('value'), attribute('type')] }),
];
const type = (name: string, endpoint: string, schema: string): ResourceSchema =>
  compileResourceSchema({ id: name, name, description: '', endpoint, schema, schemaExtensions: [] }, [
    ...presetSchemas,
    { id: URN, name: 'Seat', description: '', attributes: seatAttributes },
  ]);
const role = type('Role', '/Roles', 'urn:okta:scim:schemas:core:1.0:Role');
const seat = type('Seat', '/Seats', URN);

let stage: Stage;
let custom: CustomQueries;

const typeOf = ({ resourceType, base }: ResourceSchema) => ({
  resourceType: resourceType.name,
  endpoint: resourceType.endpoint,
  schema: base.urn,
});
const created = (schema: ResourceSchema, attributes: Attributes): ResourceEvent => ({
  type: 'ResourceCreated',
  data: { ...typeOf(schema), attributes },
});
const deleted = (schema: ResourceSchema): ResourceEvent => ({ type: 'ResourceDeleted', data: typeOf(schema) });

beforeAll(async () => {
  stage = await createStage();
  custom = new CustomQueries(stage.newReader());
  await stage.append('acme', 'resource', 'r1', created(role, { displayName: 'Admin', externalId: 'x-1' }));
  await stage.append('acme', 'resource', 'r2', created(role, { displayName: 'auditor', type: 'read' }));
  await stage.append('acme', 'resource', 'r3', created(role, { displayName: 'Gone' }), deleted(role));
  await stage.append(
    'acme',
    'resource',
    's1',
    created(seat, { displayName: 7, userName: 'A', active: false, members: 'many', constructor: 'Meier', price: 1.5 }),
    {
      type: 'ResourceAttributesChanged',
      data: {
        ...typeOf(seat),
        changed: { price: 2.5, tags: [{ value: 'x', type: 'y' }] },
        paths: ['price', 'tags'],
      },
    },
  );
  await stage.append('acme', 'resource', 's2', created(seat, { displayName: 30 }));
  await stage.append('acme', 'user', 'u1', {
    type: 'UserCreated',
    data: { attributes: { userName: 'b' }, active: true },
  });
  await stage.append('globex', 'resource', 'g1', created(role, { displayName: 'Admin' }));
  await stage.project('acme');
  await stage.project('globex');
}, 60_000);
afterAll(() => stage.close());

const page = (more: Partial<FindResources> = {}): FindResources => ({ startIndex: 1, count: 10, ...more });
const filtered = (filter: string, schema: ResourceSchema) =>
  page({ filter: resolveFilter(parseFilter(filter), schema) });
const ids = async (tenantId: string, schema: ResourceSchema, query = page()) => {
  const { totalResults, resources } = await custom.find(tenantId, schema, query);
  return [totalResults, resources.map(({ id }) => id).join(' ')];
};
const sorted = (name: string, schema: ResourceSchema, order: 'ascending' | 'descending' = 'ascending') => {
  const target = findTarget(schema, name);
  if (target.kind !== 'attribute') throw new Error(`There is no attribute ${name}.`);
  return page({ sort: { by: { ...target, target: target.subAttribute ?? target.attribute }, order } });
};

describe('X12 resources of a tenant’s own types', () => {
  it('are found by id, as the resource of their type alone', async () => {
    expect(await custom.get('acme', role, 'r1')).toMatchObject({
      id: 'r1',
      revision: 0,
      attributes: { displayName: 'Admin' },
    });
    expect(await custom.get('acme', seat, 's1')).toMatchObject({ revision: 1, attributes: { price: 2.5 } });
    for (const [schema, id] of [
      [seat, 'r1'],
      [role, 'r3'],
      [role, 'g1'],
    ] as const)
      expect(await custom.get('acme', schema, id)).toBeUndefined();
  });

  it('are listed by type, with a total that is kept and not counted', async () => {
    expect(await ids('acme', role)).toEqual([2, 'r1 r2']);
    expect(await ids('acme', seat)).toEqual([2, 's1 s2']);
    expect(await ids('globex', role)).toEqual([1, 'g1']);
    expect(await ids('globex', seat)).toEqual([0, '']);
    expect(await ids('acme', role, page({ count: 0 }))).toEqual([2, '']);
    expect(await ids('acme', seat, { ...sorted('price', seat), count: 0 })).toEqual([2, '']);
  });

  it.each([
    [role, 'displayName eq "ADMIN"', 'r1'],
    [role, 'externalId eq "x-1"', 'r1'],
    [role, 'displayName sw "a" and not (type pr)', 'r1'],
    [role, 'displayName eq "admin" or externalId eq "nobody" or displayName eq "auditor"', 'r1 r2'],
    [role, 'meta.resourceType eq "Role"', 'r1 r2'],
    [role, 'meta.location eq "https://id.example.com/t/acme/scim/v2/Roles/r2"', 'r2'],
    [role, 'schemas eq "urn:okta:scim:schemas:core:1.0:Role"', 'r1 r2'],
    [role, 'id eq "s1"', ''],
    [seat, 'displayName gt 10', 's2'],
    [seat, 'userName eq "A"', 's1'],
    [seat, 'userName eq "a"', ''],
    [seat, 'active eq false', 's1'],
    [seat, 'active pr', 's1'],
    [seat, 'members eq "MANY"', 's1'],
    [seat, 'constructor eq "meier"', 's1'],
    [seat, 'constructor pr', 's1'],
    [seat, 'price ge 2.5', 's1'],
    [seat, 'tags[value eq "X" and type eq "y"]', 's1'],
  ])('R54 are filtered by whatever their schema knows: %#', async (schema, filter, expected) =>
    expect((await ids('acme', schema, filtered(filter, schema)))[1]).toBe(expected),
  );

  it.each([
    [role, 'displayName', 'descending', 'r2 r1'],
    [seat, 'displayName', 'descending', 's2 s1'],
    [seat, 'price', 'ascending', 's1 s2'],
    [seat, 'members', 'ascending', 's1 s2'],
    [seat, 'active', 'ascending', 's1 s2'],
    [seat, 'meta.created', 'ascending', 's1 s2'],
  ] as const)('R67 are sorted by whatever their schema knows: %#', async (schema, name, order, expected) =>
    expect((await ids('acme', schema, sorted(name, schema, order)))[1]).toBe(expected),
  );

  it('X2 come in pages by cursor', async () => {
    const first = await custom.find('acme', role, page({ count: 1, keyset: { after: undefined } }));
    expect(first.resources.map(({ id }) => id)).toEqual(['r1']);
    const second = await custom.find('acme', role, page({ count: 1, keyset: { after: first.next } }));
    expect([second.resources.map(({ id }) => id), second.next]).toEqual([['r2'], undefined]);
  });

  it('R53 are among all resources of a query over all types, of the types that there are', async () => {
    const directory = new DirectoryQueries(stage.newReader());
    const find = (types: readonly ResourceSchema[], filter?: string) => {
      const of = (schema: ResourceSchema) => ({
        schema,
        ...(filter === undefined ? {} : { filter: resolveFilter(parseFilter(filter), schema) }),
      });
      return directory.find('acme', {
        ...page(),
        order: 'ascending',
        users: { ...of(userSchema), shown: { groups: false } },
        groups: { ...of(groupSchema), shown: { members: false } },
        custom: types.map(of),
      });
    };
    const { totalResults, records } = await find([role, seat]);
    expect(totalResults).toBe(5);
    expect(records).toMatchObject([
      { kind: 'Custom', resourceType: 'Role', resource: { id: 'r1' } },
      { resource: { id: 'r2' } },
      { kind: 'Custom', resourceType: 'Seat', resource: { id: 's1' } },
      { resource: { id: 's2' } },
      { kind: 'User', user: { id: 'u1' } },
    ]);
    expect((await find([role])).totalResults).toBe(3);
    expect((await find([])).totalResults).toBe(1);
    expect((await find([role, seat], 'externalId eq "x-1"')).records).toMatchObject([{ resource: { id: 'r1' } }]);
  });

  it('their rows are behind the wall of row-level security', async () => {
    for (const table of ['read_resources', 'read_resource_totals'])
      expect((await stage.pool.query(`SELECT 1 FROM ${table}`)).rows).toEqual([]);
  });

  it('a rebuild comes to the same rows and totals', async () => {
    const all = `SELECT tenant_id, id, resource_type, revision, attributes, search FROM read_resources r
      JOIN projection_generations g USING (tenant_id, generation) WHERE g.status = 'live' ORDER BY tenant_id, id`;
    const before = (await stage.owner.query(all)).rows;
    expect(before).toHaveLength(5);
    await stage.generations.rebuild('acme');
    const [, building] = await stage.project('acme');
    expect(building !== undefined && (await stage.generations.promote(building))).toBe(true);
    const sweeper = new Sweeper(stage.tenants);
    while (await sweeper.sweep('acme'));
    const { rows } = await stage.owner.query(
      `SELECT count(*)::int AS n FROM (SELECT tenant_id, generation FROM read_resources UNION ALL
        SELECT tenant_id, generation FROM read_resource_totals) t WHERE tenant_id = 'acme' AND generation = 1`,
    );
    expect(rows).toEqual([{ n: 0 }]);
    expect((await stage.owner.query(all)).rows).toEqual(before);
    expect(await ids('acme', role)).toEqual([2, 'r1 r2']);
  });
});
