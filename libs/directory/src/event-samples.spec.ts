import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { upcast, type EventCatalogue, type Message } from '#event-sourcing';
import { directoryEvents, membershipEdges } from './directory-events.js';
import { groupDecider, type GroupEvent } from './group/group.js';
import { GROUP_STATE_VERSION } from './group/group-stream.js';
import { resourceDecider, type ResourceEvent } from './resource/resource.js';
import { RESOURCE_STATE_VERSION } from './resource/resource-stream.js';
import { userDecider, type UserEvent } from './user/user.js';
import { USER_STATE_VERSION } from './user/user-stream.js';

const catalogue: EventCatalogue = directoryEvents;

/** Files `<EventType>.<schemaVersion>.json`: data as it was once written. They are never edited, and must fold for ever. */
const samples = ['user', 'group', 'resource', 'claim'].flatMap((folder) => {
  const path = join(import.meta.dirname, folder, 'samples');
  return readdirSync(path).map((file) => {
    const [type = '', version = ''] = file.split('.');
    const data = JSON.parse(readFileSync(join(path, file), 'utf8')) as Readonly<Record<string, unknown>>;
    return { type, version: Number(version), data };
  });
});
type Sample = (typeof samples)[number];

const current = ({ type, version, data }: Sample): Message => {
  const definition = catalogue[type];
  if (definition === undefined) throw new Error(`${type} is not in the catalogue.`);
  return { type, data: upcast(type, definition, version, data) };
};
const first = (type: string): Message => {
  const sample = samples.find((one) => one.type === type && one.version === 1);
  if (sample === undefined) throw new Error(`There is no sample of ${type}.`);
  return current(sample);
};
const foldUser = (...past: Message[]) => (past as UserEvent[]).reduce(userDecider.evolve, userDecider.initialState());
const foldGroup = (...past: Message[]) =>
  (past as GroupEvent[]).reduce(groupDecider.evolve, groupDecider.initialState());

const foldResource = (...past: Message[]) =>
  (past as ResourceEvent[]).reduce(resourceDecider.evolve, resourceDecider.initialState());
const folds: Readonly<Record<string, (...past: Message[]) => object>> = {
  User: foldUser,
  Group: foldGroup,
  Resource: foldResource,
};

/** What a sample must find, so that its fold has something to change. */
const before: Readonly<Record<string, readonly string[]>> = {
  UserCreated: [],
  UserReactivated: ['UserCreated', 'UserDeactivated'],
  GroupCreated: [],
  ResourceCreated: [],
};
const changesState = ({ type }: Sample) => /^(User|Resource|Group(?!Members))/.test(type);

describe('samples of events as they were once written', () => {
  it.each(Object.entries(catalogue))('%s has one of every version up to the current', (type, { schemaVersion }) =>
    expect(samples.filter((sample) => sample.type === type).map(({ version }) => version)).toEqual(
      Array.from({ length: schemaVersion }, (_, i) => i + 1),
    ),
  );

  it('every one is of an event that the catalogue knows', () => {
    for (const { type } of samples) expect(catalogue).toHaveProperty(type);
  });

  it.each(samples.filter(changesState))('$type.$version still changes the state', (sample) => {
    const [, kind = ''] = /^(User|Group|Resource)/.exec(sample.type) ?? [];
    const fold = folds[kind] ?? foldUser;
    const past = (before[sample.type] ?? [`${kind}Created`]).map(first);
    expect(fold(...past, current(sample))).not.toEqual(fold(...past));
  });

  it.each(samples.filter(({ type }) => type.startsWith('GroupMembers')))('$type.$version still moves edges', (sample) =>
    expect(membershipEdges(current(sample), 'g')).toBeDefined(),
  );

  it('a user folds to what the samples say, extension and removed values included', () =>
    expect(foldUser(first('UserCreated'), first('UserAttributesChanged'), first('UserDeactivated'))).toEqual({
      status: 'present',
      active: false,
      attributes: {
        userName: 'bjensen@example.com',
        externalId: '701984',
        name: { formatted: 'Ms. Barbara J Jensen, III', familyName: 'Jensen-Lee', givenName: 'Barbara' },
        emails: [{ value: 'bjensen@example.com', type: 'work', primary: true }],
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': {
          employeeNumber: '701984',
          department: 'Tour Operations',
        },
      },
    }));

  // Snapshots hold such states. When this fails, raise the version: what stands in the database was folded the old way.
  it('the states that the samples fold to are those of the state versions, and JSON', () => {
    const { attributes } = first('UserCreated').data as { attributes: object };
    const states = [
      [USER_STATE_VERSION, foldUser(first('UserCreated'))],
      [USER_STATE_VERSION, foldUser(first('UserCreated'), first('UserDeleted'))],
      [USER_STATE_VERSION, foldUser(first('UserCreated'), first('UserDeleted'), first('UserErased'))],
      [GROUP_STATE_VERSION, foldGroup(first('GroupCreated'), first('GroupAttributesChanged'))],
      [GROUP_STATE_VERSION, foldGroup(first('GroupCreated'), first('GroupDeleted'))],
      [RESOURCE_STATE_VERSION, foldResource(first('ResourceCreated'), first('ResourceAttributesChanged'))],
      [RESOURCE_STATE_VERSION, foldResource(first('ResourceCreated'), first('ResourceErased'))],
    ];
    const type = {
      resourceType: 'License',
      endpoint: '/Licenses',
      schema: 'urn:okta:scim:schemas:core:1.0:Entitlement',
    };
    expect(states).toEqual([
      [1, { status: 'present', attributes, active: true }],
      [1, { status: 'deleted' }],
      [1, { status: 'deleted', erased: true }],
      [1, { status: 'present', attributes: { displayName: 'Guides' } }],
      [1, { status: 'deleted' }],
      [
        1,
        {
          status: 'present',
          type,
          attributes: { displayName: 'Designer, senior', type: 'License', 'urn:acme:licenses': { code: 'D-1' } },
          unique: [{ name: 'code', extension: 'urn:acme:licenses', caseExact: false }],
        },
      ],
      [1, { status: 'deleted', type, erased: true }],
    ]);
    expect(JSON.parse(JSON.stringify(states))).toEqual(states);
  });

  it('what stands outside the sealed fields is ids, flags and paths', () => {
    for (const { type, data } of samples) {
      const open = Object.keys(data).filter((field) => !Object.hasOwn(catalogue[type]?.sealed ?? {}, field));
      expect([
        'active',
        'paths',
        'members',
        'cause',
        'resourceId',
        'resourceType',
        'endpoint',
        'schema',
        'unique',
      ]).toEqual(expect.arrayContaining(open));
    }
  });
});
