import { changeTypeOf, setUriOf, topicConfigs, topicKinds, topicName, type TopicKind } from '#contracts';
import { directoryEvents } from '#directory';
import type { EventTypeDefinition } from '#event-sourcing';
import { tenancyEvents } from '#tenancy';
import { code, table } from './generated-section.js';

const directoryMeaning: Readonly<Record<keyof typeof directoryEvents, string>> = {
  UserCreated: 'A user exists, with or without access',
  UserAttributesChanged: 'Attributes were set or unassigned, by path',
  UserDeactivated: 'The user lost access',
  UserReactivated: 'The user got access back',
  UserDeleted: 'The user is gone; its userName is free, its memberships have ended',
  UserErased: 'The key of the person is destroyed',
  GroupCreated: 'A group exists',
  GroupAttributesChanged: 'Attributes were set or unassigned, by path',
  GroupMembersAdded: 'At most 500 members were added',
  GroupMembersRemoved: 'At most 500 members were removed, by a client or because the member was deleted (`cause`)',
  GroupDeleted: 'The group is gone, and all its memberships with it',
  GroupErased: 'The key of the group is destroyed',
  ResourceCreated: "A resource of a type of the tenant's own exists",
  ResourceAttributesChanged: 'Attributes were set or unassigned, by path',
  ResourceDeleted: 'It is gone; what it held as unique is free',
  ResourceErased: 'The key of what it held is destroyed',
  ClaimTaken: 'A resource holds a value that is unique in the tenant (userName)',
  ClaimReleased: 'It holds it no longer',
};

const tenancyMeaning: Readonly<Record<keyof typeof tenancyEvents, string>> = {
  TenantRegistered: 'A tenant id was taken for good',
  TenantCreated: 'A tenant exists',
  TenantRenamed: 'It has another display name',
  TenantSuspended: 'Its requests are refused',
  TenantResumed: 'They are served again',
  TenantSettingsChanged: 'Its settings changed',
  TenantOffboarded: 'No credential of it works any more; its id is never used again',
  TenantReinstated: 'The off-boarding was taken back before the data was erased',
  TenantErased: 'Its keys are destroyed; what is left of it is removed',
  OAuthClientRegistered: 'A client may ask for tokens',
  OAuthClientRenamed: 'It has another name',
  OAuthClientDisabled: 'It gets no tokens for the time being',
  OAuthClientEnabled: 'It gets tokens again',
  OAuthClientAuthenticationSet:
    'It authenticates by assertions: its public keys, or the issuer, subject and audience they must name',
  OAuthClientSecretAdded: 'It has one more secret (the hash of it)',
  OAuthClientSecretRevoked: 'It has one less',
  OAuthClientDeleted: 'It is gone',
  OAuthClientAuthorized: 'An administrator of the tenant consented that it may write users and groups',
  OAuthClientAuthorizationRevoked: 'The consent was taken back, and its tokens with it',
  AdministratorInvited: 'An administrator of the tenant may choose a password by a one-time link',
  AdministratorActivated: 'The administrator has chosen a password',
  AdministratorDisabled: 'The administrator cannot sign in, and what they consented to has ended',
  AdministratorEnabled: 'The administrator can sign in again',
  AdministratorSignedIn: 'The administrator signed in to consent to a client',
  ScimTokenIssued: 'A long-lived token exists (the hash of it)',
  ScimTokenRevoked: 'It is worth nothing any more',
  ExtensionSchemaRegistered:
    "There is a schema of the tenant's own, of users, groups or its own resource types, or it has changed",
  ExtensionSchemaRemoved: 'It is shown and taken no longer',
  DirectoryImportBegun: 'Users and groups of an export are coming in',
  DirectoryImportEnded: 'They are all there (`complete`), or an operator gave it up',
  ResourceTypeRegistered: "There is a resource type of the tenant's own, or it has changed",
  ResourceTypeRemoved: 'It is retired: its resources stay, out of reach',
};

const eventTable = <Type extends string>(
  catalogue: Readonly<Record<Type, EventTypeDefinition>>,
  meaning: Readonly<Record<Type, string>>,
): string =>
  table(
    ['event', 'version', 'says', 'encrypted'],
    (Object.keys(catalogue) as Type[]).map((type) => {
      const { schemaVersion, sealed } = catalogue[type];
      return [code(type), String(schemaVersion), meaning[type], Object.keys(sealed).map(code).join(', ') || '–'];
    }),
  );

/** Events of users and groups, and their claims. */
export const directoryTable = (): string => eventTable(directoryEvents, directoryMeaning);

/** Events of the control plane. */
export const tenancyTable = (): string => eventTable(tenancyEvents, tenancyMeaning);

/** What each event is called in public. */
export const changeTable = (): string =>
  table(
    ['event of the log', '`ce_type`', '`ce_seturi` (RFC 9967)'],
    Object.entries(changeTypeOf).map(([type, change]) => {
      const uri = setUriOf[change];
      return [code(type), code(change), uri === undefined ? '–' : code(uri)];
    }),
  );

const record: Readonly<Record<TopicKind, readonly [key: string, value: string]>> = {
  changes: ['{tenant}/{ResourceType}/{id}', 'one change'],
  users: ['{tenant}/User/{id}', 'the user as of that event; null: deleted'],
  groups: ['{tenant}/Group/{id}', 'the group as of that event, without members; null: deleted'],
  resources: [
    '{tenant}/{ResourceType}/{id}',
    "the resource of a type of the tenant's own as of that event; null: deleted",
  ],
  memberships: ['{tenant}/{group}/{member}', 'one membership; null: ended'],
  'publisher-positions': ['{tenant}', "the publisher's own position; not for applications"],
};

/** The topics, with the default prefix, and how long they keep what. */
export const topicTable = (): string =>
  table(
    ['topic', 'key', 'value', 'policy', 'settings'],
    topicKinds.map((kind) => {
      const [key, value] = record[kind];
      const { 'cleanup.policy': policy = '', ...settings } = topicConfigs[kind];
      const list = Object.entries(settings).map(([name, setting]) => `${name}=${setting}`);
      return [code(topicName('rollcall', kind)), code(key), value, policy, list.map(code).join(' ')];
    }),
  );
