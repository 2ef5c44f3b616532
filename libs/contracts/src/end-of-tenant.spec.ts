import { expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Recorded, StoredEvent } from '#event-sourcing';
import { headersSchema } from './asyncapi.js';
import { endOfPublished } from './end-of-tenant.js';

const metadata = { actor: { kind: 'operator', id: 'first' }, requestId: 'r', correlationId: 'r', txn: 'r' } as const;
const erasure: Recorded = {
  tenantId: 'acme',
  sequence: 42,
  streamName: 'control-acme',
  resourceId: '',
  revision: 7,
  eventId: 'end',
  schemaVersion: 1,
  event: { type: 'TenantErased', data: {} },
  metadata,
  time: new Date('2026-11-21T12:00:00Z'),
  erased: false,
};
const stored = (streamName: string, type: string, data: Readonly<Record<string, unknown>> = {}): StoredEvent => ({
  ...{ tenantId: 'acme', sequence: 3, streamName, revision: 0, id: 'e3', type, schemaVersion: 1, data, metadata },
  time: new Date('2026-01-01T00:00:00Z'),
});
const ends = (event: StoredEvent, open = true) => endOfPublished(erasure, { event, revision: 5, open });
const told = (event: StoredEvent, open = true) =>
  ends(event, open).map(({ topic, key, value, headers }) => [topic, key, value, headers['ce_type'], headers['ce_id']]);

it('ends every key that an event has made, and tells of persons and groups', () => {
  expect(told(stored('user-acme+u1', 'UserCreated', { sealed: 'box' }))).toEqual([
    ['changes', 'acme/User/u1', { id: 'u1' }, 'user.erased', 'end:u1'],
    ['users', 'acme/User/u1', null, 'user.erased', 'end:u1'],
  ]);
  expect(told(stored('group-acme+g1', 'GroupCreated', { sealed: 'box' }))).toEqual([
    ['changes', 'acme/Group/g1', { id: 'g1' }, 'group.deleted', 'end:g1'],
    ['groups', 'acme/Group/g1', null, 'group.deleted', 'end:g1'],
  ]);
  const members = [{ value: 'u1', type: 'User' }];
  expect(told(stored('group-acme+g1', 'GroupMembersAdded', { members }))).toEqual([
    ['memberships', 'acme/g1/u1', null, 'group.deleted', 'end:g1:u1'],
  ]);
});

it('X12 ends the keys of resources of the tenant’s own types under the names of their types', () => {
  const license = { resourceType: 'License', endpoint: '/Licenses', schema: 'urn:acme:License', sealed: 'box' };
  const event = stored('resource-acme+l1', 'ResourceCreated', license);
  expect(told(event)).toEqual([
    ['changes', 'acme/License/l1', { id: 'l1' }, 'resource.erased', 'end:l1'],
    ['resources', 'acme/License/l1', null, 'resource.erased', 'end:l1'],
  ]);
  expect(ends(event)[1]?.headers['ce_subject']).toBe('/Licenses/l1');
});

it('of a deleted group ends the key once more and tells nothing that is known', () => {
  expect(told(stored('group-acme+g1', 'GroupCreated'), false)).toEqual([
    ['groups', 'acme/Group/g1', null, 'group.deleted', 'end:g1'],
  ]);
  expect(told(stored('group-acme+g1', 'GroupMembersAdded', { members: [{ value: 'u1' }] }), false)).toEqual([]);
});

it.each(['UserAttributesChanged', 'GroupMembersRemoved', 'ClaimTaken', 'TenantCreated', 'UserMerged'])(
  '%s has made no key',
  (type) => expect(ends(stored('user-acme+u1', type))).toEqual([]),
);

it('sends the headers that the contract names, with the order and the revision that hold at the end', () => {
  const check = new Ajv2020({ strict: false, validateFormats: false }).compile(headersSchema);
  for (const { headers } of ends(stored('user-acme+u1', 'UserCreated'))) {
    expect([check(headers), check.errors]).toEqual([true, null]);
    expect(headers).toMatchObject({
      ce_sequence: '00000000000000000042',
      ce_resourceversion: '5',
      ce_subject: '/Users/u1',
    });
  }
});
