import { schemaUri } from './cloud-event.js';
import type { ChangeType } from './change-types.js';

export type JsonSchema = Readonly<Record<string, unknown>>;
export type SchemaName = ChangeType | 'user' | 'group' | 'resource' | 'membership' | 'publisher-position';

const id = { type: 'string', minLength: 1 };
const memberType = { enum: ['User', 'Group'] };
const strings = { type: 'array', items: { type: 'string' } };
const erased = {
  const: true,
  description: 'The subject was erased before this record was published: its values are gone.',
};

const object = (properties: JsonSchema, required: readonly string[]): JsonSchema => ({
  type: 'object',
  properties,
  required,
});

const named = object({ id }, ['id']);
const resource = (type: JsonSchema, properties: JsonSchema = {}, required: readonly string[] = []): JsonSchema =>
  object(
    {
      schemas: { ...strings, minItems: 1 },
      id,
      externalId: { type: 'string' },
      meta: object(
        {
          resourceType: type,
          created: { type: 'string', format: 'date-time' },
          lastModified: { type: 'string', format: 'date-time' },
          version: { type: 'string', pattern: '^W/"[0-9]+"$' },
        },
        ['resourceType', 'created', 'lastModified', 'version'],
      ),
      ...properties,
    },
    ['schemas', 'id', 'meta', ...required],
  );
const user = resource({ const: 'User' }, { userName: { type: 'string' }, active: { type: 'boolean' } }, [
  'userName',
  'active',
]);
const group = resource({ const: 'Group' }, { displayName: { type: 'string' }, members: false }, ['displayName']);
const ofOwnType = resource({ type: 'string', not: { enum: ['User', 'Group'] } });
const createdOrErased = (whole: JsonSchema): JsonSchema => ({
  type: 'object',
  if: object({ erased: { const: true } }, ['erased']),
  then: object({ id, erased }, ['id', 'erased']),
  else: whole,
});
const updated = object({ id, paths: { ...strings, minItems: 1 }, changed: { type: 'object' }, erased }, [
  'id',
  'paths',
  'changed',
]);

/** What each value is. Open for more members: consumers ignore what they do not know, and SCIM has extensions. */
const bodies: Readonly<Record<SchemaName, readonly [description: string, schema: JsonSchema]>> = {
  'user.created': ['A user was created: the whole resource.', createdOrErased(user)],
  'user.updated': ['Attributes of a user changed: their paths and new values, null where unassigned.', updated],
  'user.deactivated': ['A user lost access.', named],
  'user.reactivated': ['A user has access again.', named],
  'user.deleted': ['A user was deleted.', named],
  'user.erased': ["A user's personal data was destroyed.", named],
  'group.created': ['A group was created: the whole resource, members apart.', createdOrErased(group)],
  'group.updated': ['Attributes of a group changed: their paths and new values, null where unassigned.', updated],
  'group.deleted': ['A group was deleted, and with it all its memberships.', named],
  'group.members_added': [
    'Members joined a group; at most 500 a record.',
    object(
      {
        id,
        members: { type: 'array', minItems: 1, items: object({ value: id, type: memberType }, ['value', 'type']) },
      },
      ['id', 'members'],
    ),
  ],
  'group.members_removed': [
    'Members left a group; at most 500 a record. With `cause`, because the member itself was deleted.',
    object(
      {
        id,
        members: { ...strings, minItems: 1 },
        cause: object({ kind: { const: 'member-deleted' }, eventId: id }, ['kind', 'eventId']),
      },
      ['id', 'members'],
    ),
  ],
  'resource.created': [
    "A resource of a type of the tenant's own was created: the whole resource.",
    createdOrErased(ofOwnType),
  ],
  'resource.updated': [
    'Attributes of such a resource changed: their paths and new values, null where unassigned.',
    updated,
  ],
  'resource.deleted': ['Such a resource was deleted.', named],
  'resource.erased': ['What such a resource held was destroyed.', named],
  user: ['A user as of the event that the headers name.', user],
  group: ['A group as of the event that the headers name, without members.', group],
  resource: ["A resource of a type of the tenant's own as of the event that the headers name.", ofOwnType],
  membership: [
    'A member of a group.',
    object({ group: id, member: id, type: memberType }, ['group', 'member', 'type']),
  ],
  'publisher-position': [
    'How far the log of a tenant is published. For the publisher alone.',
    object(
      {
        sequence: { type: 'integer', minimum: 0 },
        offset: { type: 'integer', minimum: 1 },
        after: { type: 'string' },
        ended: { const: true },
      },
      ['sequence'],
    ),
  ],
};

/** JSON Schemas (2020-12) of all record values, by `ce_type` or state; `$id` is what `ce_dataschema` says. */
export const contractSchemas: Readonly<Record<SchemaName, JsonSchema>> = mapped((name, [description, schema]) => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: schemaUri(name),
  title: name,
  description,
  ...schema,
}));

function mapped(
  make: (name: SchemaName, body: (typeof bodies)[SchemaName]) => JsonSchema,
): Record<SchemaName, JsonSchema> {
  const names = Object.keys(bodies) as SchemaName[];
  return Object.fromEntries(names.map((name) => [name, make(name, bodies[name])])) as Record<SchemaName, JsonSchema>;
}
