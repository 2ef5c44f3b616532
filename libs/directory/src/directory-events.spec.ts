import { describe, expect, it } from '@jest/globals';
import type { EdgeChange, EventCatalogue } from '#event-sourcing';
import { directoryEvents, isDirectoryEvent, membershipEdges } from './directory-events.js';

const catalogue: EventCatalogue = directoryEvents;

describe('the catalogue', () => {
  it('seals what a client wrote about a person or a group, and nothing else', () =>
    expect(
      Object.entries(catalogue).flatMap(([type, { sealed }]) => Object.keys(sealed).map((field) => `${type}.${field}`)),
    ).toEqual([
      'UserCreated.attributes',
      'UserAttributesChanged.changed',
      'GroupCreated.attributes',
      'GroupAttributesChanged.changed',
      'ResourceCreated.attributes',
      'ResourceAttributesChanged.changed',
    ]));

  it('counts schema versions from 1', () => {
    for (const { schemaVersion } of Object.values(catalogue)) expect(schemaVersion).toBeGreaterThanOrEqual(1);
  });
});

describe('an event of the directory', () => {
  const facts = Object.keys(directoryEvents).filter((type) => !type.startsWith('Claim'));

  it.each(facts)('%s is one', (type) => expect(isDirectoryEvent({ type, data: {} })).toBe(true));

  it.each(['ClaimTaken', 'ClaimReleased', 'TenantCreated', 'UserMerged', 'toString', '__proto__'])(
    '%s is none',
    (type) => expect(isDirectoryEvent({ type, data: {} })).toBe(false),
  );
});

describe('who belongs to whom after', () => {
  const cause = { kind: 'member-deleted', eventId: 'e' };
  const edges: readonly (readonly [string, object, EdgeChange | undefined])[] = [
    [
      'GroupMembersAdded',
      {
        members: [
          { value: 'u', type: 'User' },
          { value: 'h', type: 'Group' },
        ],
      },
      {
        kind: 'added',
        source: 'r',
        targets: [
          { id: 'u', kind: 'User' },
          { id: 'h', kind: 'Group' },
        ],
      },
    ],
    ['GroupMembersRemoved', { members: ['u', 'h'] }, { kind: 'removed', source: 'r', targetIds: ['u', 'h'] }],
    ['GroupMembersRemoved', { members: ['u'], cause }, { kind: 'removed', source: 'r', targetIds: ['u'] }],
    ['GroupDeleted', {}, { kind: 'source-gone', source: 'r' }],
    ['UserDeleted', {}, { kind: 'target-gone', targetId: 'r' }],
    ['UserCreated', { attributes: {}, active: true }, undefined],
    ['UserAttributesChanged', { changed: {}, paths: [] }, undefined],
    ['UserDeactivated', {}, undefined], // C-E19 reactivation does not resend memberships
    ['UserReactivated', {}, undefined],
    ['UserErased', {}, undefined],
    ['ResourceCreated', {}, undefined],
    ['ResourceAttributesChanged', {}, undefined],
    ['ResourceDeleted', {}, undefined],
    ['ResourceErased', {}, undefined],
    ['GroupCreated', { attributes: {} }, undefined],
    ['GroupAttributesChanged', { changed: {}, paths: [] }, undefined],
    ['GroupErased', {}, undefined],
    ['ClaimTaken', { resourceId: 'r' }, undefined],
    ['ClaimReleased', { resourceId: 'r' }, undefined],
    ['TenantCreated', {}, undefined],
  ];

  it.each(edges)('%s %j', (type, data, change) => expect(membershipEdges({ type, data }, 'r')).toEqual(change));

  it('every event of the catalogue is answered above', () =>
    expect(edges.map(([type]) => type)).toEqual(expect.arrayContaining(Object.keys(directoryEvents))));
});
