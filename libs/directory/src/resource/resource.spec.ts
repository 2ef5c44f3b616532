import { describe, expect, it } from '@jest/globals';
import { compileResourceSchema, type AttributeDefinition, type ResourceSchema } from '#scim';
import { specify } from '#testing';
import { resourceDecider, type ResourceCommand, type ResourceEvent } from './resource.js';
import { resourceStream } from './resource-stream.js';

const MORE = 'urn:acme:more';
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
const schemaOf = (
  name: string,
  attributes: readonly AttributeDefinition[] = [attribute('code'), attribute('note')],
  more: readonly AttributeDefinition[] = [attribute('serial', { type: 'integer' })],
): ResourceSchema =>
  compileResourceSchema(
    {
      id: name,
      name,
      description: '',
      endpoint: `/${name}s`,
      schema: 'urn:acme:base',
      schemaExtensions: [{ schema: MORE, required: false }],
    },
    [
      { id: 'urn:acme:base', name: '', description: '', attributes },
      { id: MORE, name: '', description: '', attributes: more },
    ],
  );

const resource = specify(resourceDecider);
const seats = schemaOf('Seat');
const seat = { resourceType: 'Seat', endpoint: '/Seats', schema: 'urn:acme:base' };
const attributes = { code: 'A-1', note: 'window' };
const created: ResourceEvent = { type: 'ResourceCreated', data: { ...seat, attributes } };
const noted: ResourceEvent = {
  type: 'ResourceAttributesChanged',
  data: { ...seat, changed: { note: 'aisle' }, paths: ['note'] },
};
const deleted: ResourceEvent = { type: 'ResourceDeleted', data: seat };
const erased: ResourceEvent = { type: 'ResourceErased', data: seat };
const create: ResourceCommand = { type: 'CreateResource', data: { attributes, schema: seats } };
const replace = (sent: object, schema = seats): ResourceCommand => ({
  type: 'ReplaceResource',
  data: { attributes: { ...sent }, schema },
});
const patch = (path: string, value: unknown, schema = seats): ResourceCommand => ({
  type: 'PatchResource',
  data: { operations: [{ op: 'replace', path, value }], schema },
});
const remove = (schema = seats): ResourceCommand => ({ type: 'DeleteResource', data: { schema } });
const erase = (force: boolean): ResourceCommand => ({ type: 'EraseResource', data: { force } });

describe('X12 a resource of a tenant’s own type', () => {
  it('is created, and says in each event what it is', () => {
    resource.given().when(create).then(created);
    resource.given(created).when(patch('note', 'aisle')).then(noted);
    resource.given(created, noted).when(remove()).then(deleted);
  });

  it('is created once', () => {
    resource.given(created).when(create).thenRefused('resource-already-exists');
    resource.given(created, deleted).when(create).thenRefused('resource-already-exists');
  });

  it.each([
    ['created', [created], attributes],
    ['changed', [created, noted], { ...attributes, note: 'aisle' }],
  ])('%s, then replaced by itself, records nothing: its ETag holds', (_, past, same) => {
    resource
      .given(...past)
      .when(replace(same))
      .thenNothing();
    resource
      .given(...past)
      .when(patch('note', same.note))
      .thenNothing();
  });

  it('R82 loses by PUT what was left out', () =>
    resource
      .given(created)
      .when(replace({ code: 'A-1' }))
      .then({ type: 'ResourceAttributesChanged', data: { ...seat, changed: { note: null }, paths: ['note'] } }));

  it.each([replace(attributes), patch('note', 'x'), remove()])('is not there any more for $type', (command) => {
    resource.given().when(command).thenRefused('resource-not-found');
    resource.given(created, deleted).when(command).thenRefused('resource-not-found');
  });

  it.each([replace(attributes, schemaOf('Desk')), patch('note', 'x', schemaOf('Desk')), remove(schemaOf('Desk'))])(
    'is no resource of another type: $type',
    (command) => resource.given(created).when(command).thenRefused('resource-not-found'),
  );

  it('is erased once, a live one by force alone', () => {
    resource.given(created).when(erase(false)).thenRefused('resource-not-deleted');
    resource.given(created).when(erase(true)).then(deleted, erased);
    resource.given(created, deleted).when(erase(false)).then(erased);
    resource.given(created, deleted, erased).when(erase(true)).thenNothing();
    resource.given().when(erase(true)).thenRefused('resource-not-found');
  });

  it('folds past an event from a newer release', () =>
    resource
      .given(created, { type: 'ResourceMoved', data: {} } as unknown as ResourceEvent)
      .when(remove())
      .then(deleted));
});

describe('R36 what a schema wants unique is claimed', () => {
  const unique = (name: string, more: Partial<AttributeDefinition> = {}) =>
    attribute(name, { uniqueness: 'server', ...more });
  const claiming = schemaOf(
    'Seat',
    [unique('code'), attribute('note')],
    [unique('serial', { type: 'integer' }), unique('exact', { caseExact: true })],
  );
  const fold = (...commands: readonly ResourceCommand[]) => {
    let state = resourceDecider.initialState();
    for (const command of commands)
      for (const event of resourceDecider.decide(command, state, undefined))
        state = resourceDecider.evolve(state, event);
    return resourceStream.claims(state).map(({ kind, value }) => `${kind} ${value}`);
  };
  const createdAs = (sent: object, schema: ResourceSchema = claiming): ResourceCommand => ({
    type: 'CreateResource',
    data: { attributes: { ...sent }, schema },
  });

  it('by type, attribute and folded value, in extensions too', () =>
    expect(fold(createdAs({ code: 'Ä-1', note: 'x', [MORE]: { serial: 7, exact: 'Ab' } }))).toEqual(
      expect.arrayContaining([
        'resource ["Seat","","code","ä-1"]',
        'resource ["Seat","urn:acme:more","serial",7]',
        'resource ["Seat","urn:acme:more","exact","Ab"]',
      ]),
    ));

  it('not by a resource without a value, nor by one that is gone, nor by types whose schema wants none', () => {
    expect(fold(createdAs({ note: 'x' }))).toEqual([]);
    expect(fold(createdAs({ code: 'A' }), remove(claiming))).toEqual([]);
    expect(fold(createdAs({ code: 'A' }, seats))).toEqual([]);
  });

  it('also on a value that comes after the attribute did', () =>
    expect(
      fold(createdAs({ code: 'A' }, schemaOf('Seat', [unique('code')])), patch(`${MORE}:serial`, 8, claiming)),
    ).toEqual(['resource ["Seat","","code","a"]', 'resource ["Seat","urn:acme:more","serial",8]']));

  it('as long as the value is stored, whether the schema shows it or not', () =>
    expect(fold(createdAs({ code: 'A' }), patch('note', 'y', schemaOf('Seat', [attribute('note')])))).toEqual([
      'resource ["Seat","","code","a"]',
    ]));
});
