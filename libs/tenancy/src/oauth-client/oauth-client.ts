import type { Decider, Message } from '#event-sourcing';
import { sameValue } from '#scim';
import { checkedExpiry, checkedName } from '../checks.js';
import { TenancyError } from '../refusal.js';
import { bySecret, checkedAuthentication, type ClientAuthentication } from './client-authentication.js';
import { checkedRedirectUris } from './redirect-uri.js';

/** The grants a client may be registered for. */
export const supportedGrantTypes = ['client_credentials', 'authorization_code', 'refresh_token'] as const;
export type GrantType = (typeof supportedGrantTypes)[number];

/** A secret as it is kept: the hash only, of 256 random bits. */
export type ClientSecret = Readonly<{ secretId: string; hash: string; expiresAt: string }>;

type Registration = Readonly<{
  clientId: string;
  name: string;
  grantTypes: readonly GrantType[];
  redirectUris: readonly string[];
}>;

export type OAuthClientCommand =
  /** By secret unless told. */
  | Message<
      'RegisterOAuthClient',
      Registration & { authentication?: ClientAuthentication; secret?: ClientSecret; at: string }
    >
  | Message<
      'ChangeOAuthClient',
      { clientId: string; name?: string; enabled?: boolean; authentication?: ClientAuthentication }
    >
  | Message<'AddOAuthClientSecret', { clientId: string; secret: ClientSecret; at: string }>
  | Message<'RevokeOAuthClientSecret', { clientId: string; secretId: string }>
  | Message<'AuthorizeOAuthClient', { clientId: string; administratorId: string }>
  | Message<'RevokeOAuthClientAuthorization', { clientId: string }>
  | Message<'DeleteOAuthClient', { clientId: string }>;

export type OAuthClientEvent =
  | Message<'OAuthClientRegistered', Registration>
  | Message<'OAuthClientRenamed', { clientId: string; name: string }>
  | Message<'OAuthClientDisabled', { clientId: string }>
  | Message<'OAuthClientEnabled', { clientId: string }>
  | Message<'OAuthClientAuthenticationSet', { clientId: string; authentication: ClientAuthentication }>
  | Message<'OAuthClientSecretAdded', { clientId: string } & ClientSecret>
  | Message<'OAuthClientSecretRevoked', { clientId: string; secretId: string }>
  | Message<'OAuthClientAuthorized', { clientId: string; administratorId: string }>
  | Message<'OAuthClientAuthorizationRevoked', { clientId: string }>
  | Message<'OAuthClientDeleted', { clientId: string }>;

type OAuthClient = Registration &
  Readonly<{
    enabled: boolean;
    authentication: ClientAuthentication;
    secrets: readonly ClientSecret[];
    /** Whose consent its tokens stand on. */
    authorizedBy?: string | undefined;
  }>;

export type OAuthClientState = Readonly<
  { status: 'absent' } | ({ status: 'present' } & OAuthClient) | { status: 'deleted' }
>;

/** Enough for rotation with overlap; not so many that a comparison becomes work. */
const MOST_LIVE_SECRETS = 5;

const decide = (command: OAuthClientCommand, state: OAuthClientState): readonly OAuthClientEvent[] => {
  const { clientId } = command.data;
  switch (command.type) {
    case 'RegisterOAuthClient':
      return register(command.data, state);
    case 'ChangeOAuthClient':
      return changes(command.data, present(state));
    case 'AddOAuthClientSecret':
      return [addSecret(command.data, present(state))];
    case 'RevokeOAuthClientSecret': {
      const { secretId } = command.data;
      if (!present(state).secrets.some((secret) => secret.secretId === secretId))
        throw new TenancyError('secret-not-found', 'The client has no such secret.');
      return [{ type: 'OAuthClientSecretRevoked', data: { clientId, secretId } }];
    }
    case 'AuthorizeOAuthClient':
      if (!present(state).grantTypes.includes('authorization_code'))
        throw new TenancyError('grant-type-unsupported', 'The client is not registered for authorization_code.');
      return [{ type: 'OAuthClientAuthorized', data: command.data }];
    case 'RevokeOAuthClientAuthorization':
      if (present(state).authorizedBy === undefined) return [];
      return [{ type: 'OAuthClientAuthorizationRevoked', data: { clientId } }];
    case 'DeleteOAuthClient':
      present(state);
      return [{ type: 'OAuthClientDeleted', data: { clientId } }];
  }
};

type Register = Extract<OAuthClientCommand, { type: 'RegisterOAuthClient' }>['data'];

const register = (data: Register, state: OAuthClientState): readonly OAuthClientEvent[] => {
  if (state.status !== 'absent') throw new TenancyError('client-id-taken', 'This client id is taken.');
  const { clientId, secret, at } = data;
  const name = checkedName(data.name);
  const grantTypes = checkedGrantTypes(data.grantTypes);
  const redirectUris = checkedRedirectUris(data.redirectUris);
  checkTogether(grantTypes, redirectUris);
  const authentication = checkedAuthentication(data.authentication ?? bySecret);
  const registered: OAuthClientEvent = {
    type: 'OAuthClientRegistered',
    data: { clientId, name, grantTypes, redirectUris },
  };
  if (authentication.method !== 'client_secret_basic')
    return [registered, { type: 'OAuthClientAuthenticationSet', data: { clientId, authentication } }];
  return secret === undefined ? [registered] : [registered, added(clientId, secret, { at, among: [] })];
};

type AddSecret = Extract<OAuthClientCommand, { type: 'AddOAuthClientSecret' }>['data'];

const addSecret = ({ clientId, secret, at }: AddSecret, { authentication, secrets }: OAuthClient): OAuthClientEvent => {
  if (authentication.method !== 'client_secret_basic')
    throw new TenancyError('secret-not-used', 'The client authenticates by assertions; it has no use for a secret.');
  return added(clientId, secret, { at, among: secrets });
};

const checkedGrantTypes = (grantTypes: readonly GrantType[]): readonly GrantType[] => {
  const unique = [...new Set(grantTypes)];
  if (unique.length === 0 || !unique.every((grantType) => supportedGrantTypes.includes(grantType)))
    throw new TenancyError('grant-type-unsupported', `Supported grant types: ${supportedGrantTypes.join(', ')}.`);
  return unique;
};

/** A code has to go somewhere (RFC 6749 §3.1.2.2), and only a code brings a refresh token. */
const checkTogether = (grantTypes: readonly GrantType[], redirectUris: readonly string[]): void => {
  const byCode = grantTypes.includes('authorization_code');
  if (byCode && redirectUris.length === 0)
    throw new TenancyError('redirect-uri-invalid', 'The grant authorization_code needs a redirect URI.');
  if (!byCode && grantTypes.includes('refresh_token'))
    throw new TenancyError('grant-type-unsupported', 'The grant refresh_token goes with authorization_code.');
};

const added = (
  clientId: string,
  secret: ClientSecret,
  { at, among }: { readonly at: string; readonly among: readonly ClientSecret[] },
): OAuthClientEvent => {
  const live = among.filter(({ expiresAt }) => Date.parse(expiresAt) > Date.parse(at));
  if (live.length >= MOST_LIVE_SECRETS)
    throw new TenancyError('too-many-secrets', `A client has at most ${MOST_LIVE_SECRETS} live secrets; revoke one.`);
  return {
    type: 'OAuthClientSecretAdded',
    data: {
      clientId,
      secretId: secret.secretId,
      hash: secret.hash,
      expiresAt: checkedExpiry(secret.expiresAt, at),
    },
  };
};

type Change = Extract<OAuthClientCommand, { type: 'ChangeOAuthClient' }>['data'];

const changes = (
  { clientId, name, enabled, authentication }: Change,
  client: OAuthClient,
): readonly OAuthClientEvent[] => {
  const events: OAuthClientEvent[] = [];
  const checked = name === undefined ? client.name : checkedName(name);
  if (checked !== client.name) events.push({ type: 'OAuthClientRenamed', data: { clientId, name: checked } });
  if (enabled !== undefined && enabled !== client.enabled)
    events.push({ type: enabled ? 'OAuthClientEnabled' : 'OAuthClientDisabled', data: { clientId } });
  return authentication === undefined
    ? events
    : [...events, ...setAuthentication(clientId, authentication, client.authentication)];
};

/** Keys and expected claims may change; the method may not, for the secrets of before would be worth something again. */
const setAuthentication = (
  clientId: string,
  wanted: ClientAuthentication,
  current: ClientAuthentication,
): readonly OAuthClientEvent[] => {
  const authentication = checkedAuthentication(wanted);
  if (authentication.method !== current.method)
    throw new TenancyError(
      'authentication-invalid',
      `The client authenticates by ${current.method}; register another.`,
    );
  if (sameValue(authentication, current)) return [];
  return [{ type: 'OAuthClientAuthenticationSet', data: { clientId, authentication } }];
};

const evolve = (state: OAuthClientState, event: OAuthClientEvent): OAuthClientState => {
  switch (event.type) {
    case 'OAuthClientRegistered':
      return { status: 'present', enabled: true, authentication: bySecret, secrets: [], ...event.data };
    case 'OAuthClientRenamed':
      return changed(state, () => ({ name: event.data.name }));
    case 'OAuthClientDisabled':
      return changed(state, () => ({ enabled: false }));
    case 'OAuthClientEnabled':
      return changed(state, () => ({ enabled: true }));
    case 'OAuthClientAuthenticationSet':
      return changed(state, () => ({ authentication: event.data.authentication }));
    case 'OAuthClientSecretAdded': {
      const { clientId: _, ...secret } = event.data;
      return changed(state, ({ secrets }) => ({ secrets: [...secrets, secret] }));
    }
    case 'OAuthClientSecretRevoked':
      return changed(state, ({ secrets }) => ({
        secrets: secrets.filter(({ secretId }) => secretId !== event.data.secretId),
      }));
    case 'OAuthClientAuthorized':
      return changed(state, () => ({ authorizedBy: event.data.administratorId }));
    case 'OAuthClientAuthorizationRevoked':
      return changed(state, () => ({ authorizedBy: undefined }));
    case 'OAuthClientDeleted':
      return { status: 'deleted' };
    default:
      event satisfies never;
      return state;
  }
};

const changed = (state: OAuthClientState, change: (client: OAuthClient) => Partial<OAuthClient>): OAuthClientState =>
  state.status === 'present' ? { ...state, ...change(state) } : state;

const present = (state: OAuthClientState): OAuthClient => {
  if (state.status !== 'present') throw new TenancyError('client-not-found', 'The tenant has no such client.');
  return state;
};

/** The rules of one OAuth client: several live secrets for rotation (C-E16), disabled and enabled again, deleted for good. */
export const oauthClientDecider: Decider<OAuthClientState, OAuthClientCommand, OAuthClientEvent> = {
  initialState: () => ({ status: 'absent' }),
  decide,
  evolve,
};
