import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { CloudEvent, Kafka, type KafkaMessage } from 'cloudevents';
import type { DirectoryEvent } from '#directory';
import type { Recorded } from '#event-sourcing';
import { headersSchema } from './asyncapi.js';
import { changeTypeOf } from './change-types.js';
import { schemaUri } from './cloud-event.js';
import { contractSchemas } from './schemas.js';
import { endedMemberships, translate, type PublicRecord, type ResourceState } from './translation.js';

const addFormats = ajvFormats as unknown as (ajv: Ajv2020) => Ajv2020;
const ajv = addFormats(new Ajv2020({ strict: true, strictRequired: false }));
const checkHeaders = ajv.compile(headersSchema);
for (const schema of Object.values(contractSchemas)) ajv.addSchema(schema);

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const user: ResourceState = {
  attributes: { userName: 'bjensen', externalId: 'e1', [enterprise]: { department: 'R&D' } },
  active: true,
  createdAt: new Date('2026-01-01T00:00:00Z'),
};
const group: ResourceState = { attributes: { displayName: 'Staff' }, createdAt: new Date('2026-01-01T00:00:00Z') };

const recorded = <Event extends DirectoryEvent>(event: Event, more: Partial<Recorded> = {}): Recorded<Event> => ({
  tenantId: 'acme',
  sequence: 42,
  streamName: 'user-acme+u1',
  resourceId: event.type.startsWith('User') ? 'u1' : 'g1',
  revision: 3,
  eventId: 'event-1',
  schemaVersion: 1,
  metadata: {
    actor: { kind: 'token', id: 't1' },
    requestId: 'r1',
    correlationId: 'c1',
    txn: 'txn-1',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  },
  time: new Date('2026-02-03T04:05:06.789Z'),
  erased: false,
  ...more,
  event,
});

const license = {
  resourceType: 'License',
  endpoint: '/Licenses',
  schema: 'urn:okta:scim:schemas:core:1.0:Entitlement',
};

/** One of each, none missing: the type sees to it. */
const samples: { readonly [T in DirectoryEvent['type']]: Extract<DirectoryEvent, { type: T }> } = {
  UserCreated: { type: 'UserCreated', data: { attributes: user.attributes, active: true } },
  UserAttributesChanged: {
    type: 'UserAttributesChanged',
    data: { changed: { userName: 'babs', externalId: null }, paths: ['userName', 'externalId'] },
  },
  UserDeactivated: { type: 'UserDeactivated', data: {} },
  UserReactivated: { type: 'UserReactivated', data: {} },
  UserDeleted: { type: 'UserDeleted', data: {} },
  UserErased: { type: 'UserErased', data: {} },
  GroupCreated: { type: 'GroupCreated', data: { attributes: group.attributes } },
  GroupAttributesChanged: {
    type: 'GroupAttributesChanged',
    data: { changed: { displayName: 'Everyone' }, paths: ['displayName'] },
  },
  GroupMembersAdded: {
    type: 'GroupMembersAdded',
    data: {
      members: [
        { value: 'u1', type: 'User' },
        { value: 'g2', type: 'Group' },
      ],
    },
  },
  GroupMembersRemoved: {
    type: 'GroupMembersRemoved',
    data: { members: ['u1'], cause: { kind: 'member-deleted', eventId: 'event-0' } },
  },
  GroupDeleted: { type: 'GroupDeleted', data: {} },
  GroupErased: { type: 'GroupErased', data: {} },
  ResourceCreated: { type: 'ResourceCreated', data: { ...license, attributes: { displayName: 'Designer' } } },
  ResourceAttributesChanged: {
    type: 'ResourceAttributesChanged',
    data: { ...license, changed: { displayName: 'Artist' }, paths: ['displayName'] },
  },
  ResourceDeleted: { type: 'ResourceDeleted', data: license },
  ResourceErased: { type: 'ResourceErased', data: license },
};

const gone = new Set(['UserDeleted', 'UserErased', 'GroupDeleted', 'ResourceDeleted', 'ResourceErased']);
const translated = (event: DirectoryEvent, more: Partial<Recorded> = {}): readonly PublicRecord[] => {
  const state = gone.has(event.type) || more.erased === true ? undefined : event.type.startsWith('User') ? user : group;
  return translate(recorded(event, more), state);
};
const valid = ({ headers, value }: PublicRecord): void => {
  expect([checkHeaders(headers), checkHeaders.errors]).toEqual([true, null]);
  if (value === null) return;
  const check = ajv.getSchema(headers['ce_dataschema'] ?? '');
  expect([check?.(value), check?.errors]).toEqual([true, null]);
};

describe.each(Object.values(samples))('$type in public', (event) => {
  it('is one change under its public name, with the id of the log', () => {
    if (event.type === 'GroupErased') return; // a tombstone says it
    const [change, ...others] = translated(event).filter(({ topic }) => topic === 'changes');
    expect(others).toEqual([]);
    expect(change?.headers).toMatchObject({ ce_type: changeTypeOf[event.type], ce_id: 'event-1', ce_txn: 'txn-1' });
    expect(change?.value).toMatchObject({ id: event.type.startsWith('User') ? 'u1' : 'g1' });
  });

  it('keeps to the schemas that its headers name', () => {
    translated(event).forEach(valid);
  });

  it('keeps to them when the subject was erased before', () => {
    translated(event, { erased: true }).forEach(valid);
  });

  it('is a CloudEvent in binary mode to the CloudEvents SDK', () => {
    for (const record of translated(event)) {
      const { key, headers } = record;
      const value = record.value ?? {}; // the SDK refuses events without data, which the binding allows
      const message: KafkaMessage<object> = { key, headers: { ...headers }, value, body: value };
      const read = Kafka.toEvent<object>(message);
      if (!(read instanceof CloudEvent)) throw new Error('The SDK read several events.');
      expect(read.validate()).toBe(true);
      expect(read).toMatchObject({
        id: headers['ce_id'],
        source: '/tenants/acme',
        type: changeTypeOf[event.type],
        subject: headers['ce_subject'],
        time: '2026-02-03T04:05:06.789Z',
        sequence: '00000000000000000042',
        tenantid: 'acme',
        resourceversion: '3',
        datacontenttype: 'application/json',
        dataschema: headers['ce_dataschema'],
      });
      const again = Kafka.binary(read as never).headers;
      expect({ ...again }).toMatchObject({ ce_type: headers['ce_type'], ce_id: headers['ce_id'] });
    }
  });
});

describe('state records', () => {
  const state = (event: DirectoryEvent, topic: string, more: Partial<Recorded> = {}) =>
    translated(event, more).filter((record) => record.topic === topic);

  it('hold the resource as clients wrote it, extensions named in schemas', () => {
    expect(state(samples.UserReactivated, 'users')).toMatchObject([
      {
        key: 'acme/User/u1',
        value: {
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterprise],
          id: 'u1',
          userName: 'bjensen',
          active: true,
          [enterprise]: { department: 'R&D' },
          meta: {
            resourceType: 'User',
            created: '2026-01-01T00:00:00.000Z',
            lastModified: '2026-02-03T04:05:06.789Z',
            version: 'W/"3"',
          },
        },
      },
    ]);
  });

  it('X12 hold a resource of a tenant’s own type on a topic of their own, under the names of its type', () => {
    expect(state(samples.ResourceAttributesChanged, 'resources')).toMatchObject([
      {
        key: 'acme/License/g1',
        headers: { ce_subject: '/Licenses/g1', ce_type: 'resource.updated', ce_dataschema: schemaUri('resource') },
        value: { schemas: [license.schema], id: 'g1', meta: { resourceType: 'License', version: 'W/"3"' } },
      },
    ]);
    for (const event of [samples.ResourceDeleted, samples.ResourceErased])
      expect(state(event, 'resources')).toMatchObject([{ key: 'acme/License/g1', value: null }]);
  });

  it.each([samples.UserDeleted, samples.UserErased])('are tombstones after $type', (event) => {
    expect(state(event, 'users')).toMatchObject([{ key: 'acme/User/u1', value: null }]);
  });

  it('are tombstones, and changes carry no personal value, when an erased subject is published late', () => {
    const event = { type: 'UserCreated' as const, data: { attributes: {}, active: true } };
    expect(state(event, 'users', { erased: true })).toMatchObject([{ value: null }]);
    expect(state(event, 'changes', { erased: true })).toMatchObject([{ value: { id: 'u1', erased: true } }]);
  });

  it('are one edge a member, each with an id of its own', () => {
    expect(state(samples.GroupMembersAdded, 'memberships')).toMatchObject([
      { key: 'acme/g1/u1', value: { group: 'g1', member: 'u1', type: 'User' }, headers: { ce_id: 'event-1:u1' } },
      { key: 'acme/g1/g2', value: { group: 'g1', member: 'g2', type: 'Group' }, headers: { ce_id: 'event-1:g2' } },
    ]);
    expect(state(samples.GroupMembersRemoved, 'memberships')).toMatchObject([{ key: 'acme/g1/u1', value: null }]);
  });

  it('end each membership of a deleted group', () => {
    const ended = endedMemberships(recorded(samples.GroupDeleted), [{ id: 'u1', kind: 'User' }]);
    expect(ended).toMatchObject([
      { topic: 'memberships', key: 'acme/g1/u1', value: null, headers: { ce_type: 'group.deleted' } },
    ]);
    ended.forEach(valid);
  });
});
