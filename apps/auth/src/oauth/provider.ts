import { randomBytes } from 'node:crypto';
import { errors, Provider, type Adapter, type AdapterPayload, type Client, type Configuration } from 'oidc-provider';
import { scimBaseUrl, secretMatches, type ControlQueries, type SigningKeySet } from '#access';
import { isConnectionLoss } from '#postgres';
import { isOktaCallback, type Federation } from '#tenancy';
import { ACCESS_TOKEN_SECONDS, type ArtifactStore } from './artifact-store.js';
import { AssertionRefused, type FederatedAssertions } from './assertions/federated-assertions.js';
import type { KeyFetch } from './assertions/key-fetch.js';
import { KeysOutOfReach } from './assertions/remote-key-sets.js';
import type { ClientRegistry, LiveClient } from './client-registry.js';
import { showPage } from './pages/pages.js';
import { ASSERTION_ALGORITHMS, AUTHENTICATION_METHODS } from './endpoints.js';

/** oidc-provider wants a secret it can compare itself. This one is known to nobody, and its comparison is replaced below. */
const NO_SECRET = randomBytes(32).toString('base64url');

type OurClient = Client &
  Readonly<{ tenant: string; secrets: LiveClient['secrets']; federation: Federation | undefined }>;

/** Out of reach of scripts, and not sent with what other sites send; Secure follows from PUBLIC_URL. */
const COOKIE = { httpOnly: true, sameSite: 'lax', overwrite: true } as const;
export const SESSION_COOKIE = { ...COOKIE, path: '/oauth2' } as const;

const MINUTE = 60;
const DAY = 86_400;

/** In seconds. A refresh token lives for half a year after its last use; a consent as long as a secret may (C-E16). */
const LIFETIMES = {
  Interaction: 30 * MINUTE,
  Session: 30 * MINUTE,
  AuthorizationCode: MINUTE,
  RefreshToken: 180 * DAY,
  Grant: 1095 * DAY,
};

export interface ProviderParts {
  readonly issuer: string;
  readonly clients: ClientRegistry;
  readonly queries: Pick<ControlQueries, 'getAdministrator'>;
  readonly artifacts: ArtifactStore;
  readonly assertions: FederatedAssertions;
  readonly keyFetch: KeyFetch;
  readonly now: () => Date;
}

/** The certified provider, set up for machine clients of many tenants: one issuer, the client decides the tenant (DESIGN §7). */
export const createProvider = (parts: ProviderParts, { keys, signingKid }: SigningKeySet): Provider => {
  const { issuer, clients, artifacts } = parts;
  const configuration: Configuration = {
    adapter: (model) => (model === 'Client' ? clientAdapter(clients) : artifacts.adapter(model)),
    jwks: { keys: keys.map((key) => ({ ...key })) },
    routes: {
      authorization: '/oauth2/authorize',
      token: '/oauth2/token',
      jwks: '/oauth2/jwks',
      introspection: '/oauth2/introspect',
      revocation: '/oauth2/revoke',
    },
    scopes: ['scim'],
    responseTypes: ['code'],
    pkce: { required: (ctx) => !isOktaCallback(String(ctx.oidc.params?.['redirect_uri'])) },
    cookies: { long: SESSION_COOKIE, short: COOKIE },
    interactions: { url: (_ctx, { uid }) => `/oauth2/interaction/${uid}` },
    findAccount: async (ctx, id) => {
      const administrator = await parts.queries.getAdministrator(id);
      const may = administrator?.enabled === true && administrator.tenantId === tenantOf(ctx.oidc.client);
      return may ? { accountId: id, claims: async () => ({ sub: id }) } : undefined;
    },
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    expiresWithSession: async () => false, // a session is over with the sign-in
    renderError: (ctx, { error, error_description: text }) =>
      showPage(
        ctx,
        'message',
        { title: 'This request cannot be answered', text: text ?? error },
        { status: ctx.status },
      ),
    clientAuthMethods: [...AUTHENTICATION_METHODS],
    enabledJWA: { clientAuthSigningAlgValues: [...ASSERTION_ALGORITHMS] },
    assertJwtClientAuthClaimsAndHeader: (_ctx, { exp }) => refuseLongLived(exp, parts.now()),
    fetch: (url) => parts.keyFetch(url instanceof Request ? url.url : String(url)),
    extraClientMetadata: { properties: ['tenant', 'secrets', 'federation'] },
    extraTokenClaims: (_ctx, token) => ({
      tenant: tenantOf(token.client),
      ...('grantId' in token ? { grant: token.grantId } : {}),
    }),
    formats: {
      customizers: {
        jwt: (_ctx, _token, { payload }) => {
          payload['nbf'] = payload['iat'];
        },
      },
    },
    ttl: { ...LIFETIMES, ClientCredentials: ACCESS_TOKEN_SECONDS, AccessToken: ACCESS_TOKEN_SECONDS },
    features: {
      clientCredentials: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: async (_ctx, client, { clientId = '' }) =>
          (await clients.find(clientId))?.tenantId === tenantOf(client),
      },
      revocation: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) => {
          if (token.clientId === client.clientId) return true;
          throw new errors.InvalidRequest('the token was issued to another client');
        },
      },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_ctx, client) => scimBaseUrl(issuer, tenantOf(client)),
        getResourceServerInfo: (ctx, resource, client) => {
          if (resource !== scimBaseUrl(issuer, tenantOf(client))) throw new errors.InvalidTarget();
          grantScope(ctx.oidc.params);
          return {
            scope: 'scim',
            audience: resource,
            accessTokenTTL: ACCESS_TOKEN_SECONDS,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256', kid: signingKid } },
          };
        },
      },
    },
  };
  const provider = new Provider(issuer, configuration);
  replaceComparison(provider, parts);
  return provider;
};

/** No scope asked for means all that the client may have; unknown ones are left out, but a token for nothing is not given (RFC 6749 §3.3). */
const grantScope = (params: Record<string, unknown> | undefined): void => {
  if (params === undefined) return;
  const asked = params['scope'];
  if (typeof asked === 'string' && asked !== '' && !asked.split(' ').includes('scim'))
    throw new errors.InvalidScope('the scope of this server is scim', asked);
  params['scope'] = 'scim';
};

/** An hour is enough for a proof made on the spot, and bounds how long its `jti` must be remembered (RFC 7523 §3). */
const refuseLongLived = (exp: unknown, now: Date): void => {
  if (typeof exp !== 'number' || exp > now.getTime() / 1000 + 3600)
    throw new errors.InvalidClientAuth('exp must be less than an hour ahead');
};

/** The tenant of an oidc-provider client. */
export const tenantOf = (client: unknown): string => (client as OurClient).tenant;

/** What a client presents as its secret: one of several live ones, kept as hashes; or an assertion of the issuer it is federated with. */
const replaceComparison = (provider: Provider, { assertions, now }: ProviderParts): void => {
  const prototype = provider.Client.prototype as {
    compareClientSecret(this: OurClient, given: string): boolean | Promise<boolean>;
  };
  prototype.compareClientSecret = function (given) {
    if (this.federation !== undefined) return verified(assertions.verify(given, this.federation));
    const at = now().getTime();
    // All are compared, whichever matches.
    const matches = this.secrets.map(({ hash, expiresAt }) => secretMatches(given, hash) && Date.parse(expiresAt) > at);
    return matches.includes(true);
  };
};

const verified = async (verification: Promise<void>): Promise<true> => {
  try {
    await verification;
    return true;
  } catch (error) {
    if (error instanceof KeysOutOfReach) throw unavailable('the keys of the issuer cannot be read now', error);
    if (error instanceof AssertionRefused) throw new errors.InvalidClientAuth({ detail: error.message, cause: error });
    throw error;
  }
};

const clientAdapter = (clients: ClientRegistry): Adapter => ({
  ...nothingStored,
  find: async (id) => {
    const client = await reachable(clients.find(id));
    return client && metadataOf(client);
  },
});

const metadataOf = (client: LiveClient): AdapterPayload => ({
  client_id: client.clientId,
  grant_types: [...client.grantTypes],
  redirect_uris: [...client.redirectUris],
  response_types: client.grantTypes.includes('authorization_code') ? ['code'] : [],
  scope: 'scim',
  tenant: client.tenantId,
  ...authenticationOf(client),
});

const authenticationOf = ({ authentication, secrets }: LiveClient): AdapterPayload => {
  // oidc-provider lets either of Basic and body stand for the other
  const bySecret = { token_endpoint_auth_method: 'client_secret_basic', client_secret: NO_SECRET } as const;
  switch (authentication.method) {
    case 'client_secret_basic':
      return { ...bySecret, secrets };
    case 'private_key_jwt': {
      const { method: token_endpoint_auth_method } = authentication;
      return 'jwks' in authentication
        ? { token_endpoint_auth_method, jwks: { keys: [...authentication.jwks.keys] } }
        : { token_endpoint_auth_method, jwks_uri: authentication.jwksUri };
    }
    case 'federated_jwt':
      return { ...bySecret, federation: authentication };
  }
};

/** A database out of reach says nothing about the client: try again. */
const reachable = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
  try {
    return await answer;
  } catch (error) {
    throw isConnectionLoss(error) ? unavailable('clients cannot be looked up now', error) : error;
  }
};

const unavailable = (description: string, cause: unknown): Error =>
  Object.assign(new errors.CustomOIDCProviderError('temporarily_unavailable', description, { cause }), {
    statusCode: 503,
  });

const refuse = async (): Promise<never> => {
  throw new Error('Clients are changed by the admin API.');
};

const nothingStored: Adapter = {
  upsert: refuse,
  find: async () => undefined,
  findByUserCode: async () => undefined,
  findByUid: async () => undefined,
  consume: refuse,
  destroy: refuse,
  revokeByGrantId: refuse,
};
