import { noFacts, type Decider, type StreamType } from '#event-sourcing';
import { presetSchemas } from '#scim';
import {
  directoryImportDecider,
  type DirectoryImportCommand,
  type DirectoryImportEvent,
  type DirectoryImportState,
} from './directory-import/directory-import.js';
import {
  extensionSchemaDecider,
  type ExtensionSchemaCommand,
  type ExtensionSchemaEvent,
  type ExtensionSchemaState,
} from './extension-schema/extension-schema.js';
import { extendedSchemas } from './extension-schema/extended-schemas.js';
import {
  administratorDecider,
  type AdministratorCommand,
  type AdministratorEvent,
  type AdministratorState,
} from './administrator/administrator.js';
import { checkedExtensionUrn } from './extension-schema/extension-urn.js';
import {
  oauthClientDecider,
  type OAuthClientCommand,
  type OAuthClientEvent,
  type OAuthClientState,
} from './oauth-client/oauth-client.js';
import { TenancyError } from './refusal.js';
import type { CustomResourceType } from './resource-type/resource-type-document.js';
import {
  resourceTypeDecider,
  type ResourceTypeCommand,
  type ResourceTypeEvent,
  type ResourceTypeState,
  type ResourceTypeSurroundings,
} from './resource-type/resource-type.js';
import {
  scimTokenDecider,
  type ScimTokenCommand,
  type ScimTokenEvent,
  type ScimTokenState,
} from './scim-token/scim-token.js';
import { checkedIndexes } from './tenant/indexed-attributes.js';
import { present, tenantDecider, type TenantCommand, type TenantEvent, type TenantState } from './tenant/tenant.js';

/** All the control plane knows of one tenant, folded from its stream `control-{tenant}`. */
export interface ControlState {
  readonly tenant: TenantState;
  readonly clients: ReadonlyMap<string, OAuthClientState>;
  readonly tokens: ReadonlyMap<string, ScimTokenState>;
  readonly administrators: ReadonlyMap<string, AdministratorState>;
  /** By lower-case URN. */
  readonly schemas: ReadonlyMap<string, ExtensionSchemaState>;
  /** By lower-case name. */
  readonly resourceTypes: ReadonlyMap<string, ResourceTypeState>;
  readonly directoryImport: DirectoryImportState;
}

export type ControlCommand =
  | TenantCommand
  | OAuthClientCommand
  | AdministratorCommand
  | ScimTokenCommand
  | ExtensionSchemaCommand
  | ResourceTypeCommand
  | DirectoryImportCommand;
export type ControlEvent =
  | TenantEvent
  | OAuthClientEvent
  | AdministratorEvent
  | ScimTokenEvent
  | ExtensionSchemaEvent
  | ResourceTypeEvent
  | DirectoryImportEvent;

/** Bounds what one stream folds to, and what a stolen operator token can fill it with. */
const MOST_LIVE_TOKENS = 100;
/** As those above; disabled ones count. */
const MOST_ADMINISTRATORS = 100;
/** Removed ones count: what they said of stored values is remembered for good. */
const MOST_SCHEMAS = 50;
/** Removed ones count: their names and endpoints stay theirs. */
const MOST_RESOURCE_TYPES = 20;

const clientOf = (state: ControlState, clientId: string): OAuthClientState =>
  state.clients.get(clientId) ?? oauthClientDecider.initialState();

const administratorOf = (state: ControlState, administratorId: string): AdministratorState =>
  state.administrators.get(administratorId) ?? administratorDecider.initialState();

const tokenOf = (state: ControlState, tokenId: string): ScimTokenState =>
  state.tokens.get(tokenId) ?? scimTokenDecider.initialState();

const schemaOf = (state: ControlState, urn: string): ExtensionSchemaState =>
  state.schemas.get(urn.toLowerCase()) ?? extensionSchemaDecider.initialState();

const resourceTypeOf = (state: ControlState, name: string): ResourceTypeState =>
  state.resourceTypes.get(name.toLowerCase()) ?? { status: 'absent' };

const decide = (command: ControlCommand, state: ControlState): readonly ControlEvent[] => {
  switch (command.type) {
    case 'ChangeTenant':
      return tenantDecider.decide(withKnownIndexes(command, state), state.tenant, undefined);
    case 'CreateTenant':
    case 'OffboardTenant':
    case 'ReinstateTenant':
    case 'EraseTenant':
      return tenantDecider.decide(command, state.tenant, undefined);
    case 'IssueScimToken':
      present(state.tenant);
      if (liveTokens(state, command.data.at) >= MOST_LIVE_TOKENS)
        throw new TenancyError('too-many-tokens', `A tenant has at most ${MOST_LIVE_TOKENS} live tokens; revoke one.`);
      return scimTokenDecider.decide(command, tokenOf(state, command.data.tokenId), undefined);
    case 'RevokeScimToken':
      present(state.tenant);
      return scimTokenDecider.decide(command, tokenOf(state, command.data.tokenId), undefined);
    case 'InviteAdministrator':
    case 'ActivateAdministrator':
    case 'ChangeAdministrator':
    case 'SignInAdministrator':
      present(state.tenant);
      return administratorDecider.decide(command, admitted(command, state), undefined);
    case 'RegisterExtensionSchema':
    case 'RemoveExtensionSchema': {
      present(state.tenant);
      const schema = schemaOf(state, command.data.urn);
      if (command.type === 'RegisterExtensionSchema' && schema.status === 'absent')
        admitSchema(state, command.data.urn);
      if (command.type === 'RemoveExtensionSchema') refuseUsed(state, command.data.urn);
      return extensionSchemaDecider.decide(command, schema, undefined);
    }
    case 'BeginDirectoryImport':
    case 'EndDirectoryImport':
      present(state.tenant);
      return directoryImportDecider.decide(command, state.directoryImport, undefined);
    case 'RegisterResourceType':
    case 'RemoveResourceType': {
      present(state.tenant);
      const { name } = command.data;
      const resourceType = resourceTypeOf(state, name);
      if (command.type === 'RegisterResourceType' && resourceType.status === 'absent') admitResourceType(state);
      return resourceTypeDecider.decide(command, resourceType, surroundingsOf(state, name));
    }
    default:
      present(state.tenant);
      return oauthClientDecider.decide(command, clientOf(state, command.data.clientId), undefined);
  }
};

type ChangeTenant = Extract<ControlCommand, { type: 'ChangeTenant' }>;

/** What is to be indexed is named by its canonical path; what is no list of names is the tenant's rules to refuse. */
const withKnownIndexes = (command: ChangeTenant, { schemas }: ControlState): ChangeTenant => {
  const { settings } = command.data;
  const paths = settings?.indexedAttributes;
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string')) return command;
  const registered = [...schemas.values()].flatMap((schema) =>
    schema.status === 'registered' ? [schema.current] : [],
  );
  const { user, group } = extendedSchemas(registered);
  const indexedAttributes = checkedIndexes(paths, [user, group]);
  return { ...command, data: { ...command.data, settings: { ...settings, indexedAttributes } } };
};

const admitSchema = ({ schemas }: ControlState, urn: string): void => {
  checkedExtensionUrn(
    urn,
    [...schemas.values()].flatMap((schema) => (schema.status === 'absent' ? [] : [schema.urn])),
  );
  if (schemas.size >= MOST_SCHEMAS)
    throw new TenancyError('too-many-schemas', `A tenant has at most ${MOST_SCHEMAS} schemas, removed ones included.`);
};

const refuseUsed = ({ resourceTypes }: ControlState, urn: string): void => {
  const user = [...resourceTypes.values()].find(
    (type) => type.status === 'registered' && schemasOf(type.current).includes(urn.toLowerCase()),
  );
  if (user?.status === 'registered')
    throw new TenancyError('schema-in-use', `The resource type ${user.current.name} has this schema: remove it first.`);
};

const schemasOf = ({ schema, schemaExtensions }: CustomResourceType): readonly string[] =>
  [schema, ...schemaExtensions.map((extension) => extension.schema)].map((urn) => urn.toLowerCase());

const admitResourceType = ({ resourceTypes }: ControlState): void => {
  if (resourceTypes.size >= MOST_RESOURCE_TYPES)
    throw new TenancyError(
      'too-many-resource-types',
      `A tenant has at most ${MOST_RESOURCE_TYPES} resource types of its own, removed ones included.`,
    );
};

const surroundingsOf = ({ schemas, resourceTypes }: ControlState, name: string): ResourceTypeSurroundings => ({
  schemaOf: (urn) => {
    const preset = presetSchemas.find(({ id }) => id.toLowerCase() === urn.toLowerCase());
    if (preset !== undefined) return preset.id;
    const schema = schemas.get(urn.toLowerCase());
    return schema?.status === 'registered' && schema.resourceType === 'Custom' ? schema.urn : undefined;
  },
  endpoints: [...resourceTypes].flatMap(([key, type]) =>
    type.status === 'absent' || key === name.toLowerCase() ? [] : [type.current.endpoint],
  ),
});

const admitted = ({ data }: AdministratorCommand, state: ControlState): AdministratorState => {
  const administrator = administratorOf(state, data.administratorId);
  if (administrator.status === 'absent' && state.administrators.size >= MOST_ADMINISTRATORS)
    throw new TenancyError('too-many-administrators', `A tenant has at most ${MOST_ADMINISTRATORS} administrators.`);
  return administrator;
};

const liveTokens = (state: ControlState, at: string): number =>
  [...state.tokens.values()].filter(
    (token) => token.status === 'issued' && Date.parse(token.expiresAt) > Date.parse(at),
  ).length;

const evolve = (state: ControlState, event: ControlEvent): ControlState => {
  switch (event.type) {
    case 'TenantCreated':
    case 'TenantRenamed':
    case 'TenantSuspended':
    case 'TenantResumed':
    case 'TenantSettingsChanged':
    case 'TenantOffboarded':
    case 'TenantReinstated':
    case 'TenantErased':
      return { ...state, tenant: tenantDecider.evolve(state.tenant, event) };
    case 'ScimTokenIssued':
    case 'ScimTokenRevoked': {
      const { tokenId } = event.data;
      const token = scimTokenDecider.evolve(tokenOf(state, tokenId), event);
      return { ...state, tokens: new Map(state.tokens).set(tokenId, token) };
    }
    case 'ExtensionSchemaRegistered':
    case 'ExtensionSchemaRemoved': {
      const { urn } = event.data;
      const schema = extensionSchemaDecider.evolve(schemaOf(state, urn), event);
      return { ...state, schemas: new Map(state.schemas).set(urn.toLowerCase(), schema) };
    }
    case 'DirectoryImportBegun':
    case 'DirectoryImportEnded':
      return { ...state, directoryImport: directoryImportDecider.evolve(state.directoryImport, event) };
    case 'ResourceTypeRegistered':
    case 'ResourceTypeRemoved': {
      const { name } = event.data;
      const resourceType = resourceTypeDecider.evolve(resourceTypeOf(state, name), event);
      return { ...state, resourceTypes: new Map(state.resourceTypes).set(name.toLowerCase(), resourceType) };
    }
    case 'AdministratorInvited':
    case 'AdministratorActivated':
    case 'AdministratorDisabled':
    case 'AdministratorEnabled':
    case 'AdministratorSignedIn': {
      const { administratorId } = event.data;
      const administrator = administratorDecider.evolve(administratorOf(state, administratorId), event);
      return { ...state, administrators: new Map(state.administrators).set(administratorId, administrator) };
    }
    case 'OAuthClientRegistered':
    case 'OAuthClientRenamed':
    case 'OAuthClientDisabled':
    case 'OAuthClientEnabled':
    case 'OAuthClientAuthenticationSet':
    case 'OAuthClientSecretAdded':
    case 'OAuthClientSecretRevoked':
    case 'OAuthClientAuthorized':
    case 'OAuthClientAuthorizationRevoked':
    case 'OAuthClientDeleted': {
      const { clientId } = event.data;
      const client = oauthClientDecider.evolve(clientOf(state, clientId), event);
      return { ...state, clients: new Map(state.clients).set(clientId, client) };
    }
    default:
      event satisfies never;
      return state;
  }
};

/** The deciders over one stream, so that a tenant's control plane changes one command at a time. */
export const controlDecider: Decider<ControlState, ControlCommand, ControlEvent> = {
  initialState: () => ({
    tenant: tenantDecider.initialState(),
    clients: new Map(),
    tokens: new Map(),
    administrators: new Map(),
    schemas: new Map(),
    directoryImport: directoryImportDecider.initialState(),
    resourceTypes: new Map(),
  }),
  decide,
  evolve,
};

/** The control stream of a tenant; its resource id is the empty one. */
export const controlStream: StreamType<ControlState, ControlCommand, ControlEvent> = {
  kind: 'control',
  decider: controlDecider,
  facts: noFacts,
  claims: () => [],
  isClosed: ({ tenant }) => tenant.status === 'erased',
};
