import { expect, it } from '@jest/globals';
import { InMemoryEdgeIndex, type Recorded } from '#event-sourcing';
import { someMetadata } from '#testing';
import type { EndOfTenant } from './end-of-tenant.js';
import { Publication, UnknownEvent } from './publication.js';
import type { ResourceStates } from './resource-states.js';

const attributes = { userName: 'bjensen' };
const states = { after: async () => ({ attributes, active: true, createdAt: new Date(0) }) } as Partial<ResourceStates>;
const publication = new Publication(states as ResourceStates, new InMemoryEdgeIndex(), {} as EndOfTenant);

const recorded = (streamName: string, type: string, schemaVersion = 1): Recorded => ({
  tenantId: 'acme',
  sequence: 7,
  streamName,
  resourceId: 'u1',
  revision: 0,
  eventId: 'e1',
  schemaVersion,
  event: { type, data: { attributes, active: true } },
  metadata: someMetadata(),
  time: new Date(0),
  erased: false,
});

const topicsOf = async (event: Recorded): Promise<readonly string[]> => {
  const topics: string[] = [];
  for await (const { records } of publication.partsOf(event, { sequence: 6 }))
    topics.push(...records.map(({ topic }) => topic));
  return topics;
};

it('an event of a user is told', async () =>
  expect(await topicsOf(recorded('user-acme+u1', 'UserCreated'))).toEqual(['changes', 'users']));

it.each(['control-acme', 'claim-acme+username-1'])('what stands in %s stays inside, known or not', async (streamName) =>
  expect(await topicsOf(recorded(streamName, 'SomethingNew'))).toEqual([]),
);

it.each([
  ['a type', 'UserMerged', 1],
  ['a version', 'UserCreated', 99],
])('%s of a newer release is not passed over', async (_, type, version) =>
  expect(topicsOf(recorded('user-acme+u1', type, version))).rejects.toThrow(UnknownEvent),
);
