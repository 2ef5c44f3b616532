import { randomBytes } from 'node:crypto';
import { errors, Provider, type Adapter, type Client, type Configuration } from 'oidc-provider';
import { scimBaseUrl, secretMatches, type SigningKeySet } from '#access';
import { isConnectionLoss } from '#postgres';
import type { ClientRegistry, LiveClient } from './client-registry.js';

/** 60 minutes exactly: Entra takes 60 to 360, and 3599 is below (F4). */
const TOKEN_LIFE_SECONDS = 3600;

/** oidc-provider wants a secret it can compare itself. This one is known to nobody, and its comparison is replaced below. */
const NO_SECRET = randomBytes(32).toString('base64url');

type OurClient = Client & Readonly<{ tenant: string; secrets: LiveClient['secrets'] }>;

/** The certified provider, set up for machine clients of many tenants: one issuer, the client decides the tenant (DESIGN §7). */
export const createProvider = (
  issuer: string,
  { keys, signingKid }: SigningKeySet,
  clients: ClientRegistry,
  now: () => Date,
): Provider => {
  const configuration: Configuration = {
    adapter: (model) => (model === 'Client' ? clientAdapter(clients) : nothingStored),
    jwks: { keys: keys.map((key) => ({ ...key })) },
    routes: { token: '/oauth2/token', jwks: '/oauth2/jwks' },
    scopes: ['scim'],
    responseTypes: [],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    extraClientMetadata: { properties: ['tenant', 'secrets'] },
    extraTokenClaims: (_ctx, token) => ({ tenant: tenantOf(token.client) }),
    formats: {
      customizers: {
        jwt: (_ctx, _token, parts) => {
          parts.payload['nbf'] = parts.payload['iat'];
        },
      },
    },
    ttl: { ClientCredentials: TOKEN_LIFE_SECONDS },
    features: {
      clientCredentials: { enabled: true },
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
            accessTokenTTL: TOKEN_LIFE_SECONDS,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256', kid: signingKid } },
          };
        },
      },
    },
  };
  const provider = new Provider(issuer, configuration);
  compareHashes(provider, now);
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

const tenantOf = (client: unknown): string => (client as OurClient).tenant;

/** Secrets are kept as hashes, several alive at once: any live one will do. All are compared, whichever matches. */
const compareHashes = (provider: Provider, now: () => Date): void => {
  const prototype = provider.Client.prototype as { compareClientSecret(this: OurClient, given: string): boolean };
  prototype.compareClientSecret = function (given) {
    const at = now().getTime();
    const matches = this.secrets.map(({ hash, expiresAt }) => secretMatches(given, hash) && Date.parse(expiresAt) > at);
    return matches.includes(true);
  };
};

const clientAdapter = (clients: ClientRegistry): Adapter => ({
  ...nothingStored,
  find: async (id) => {
    const client = await reachable(clients.find(id));
    return (
      client && {
        client_id: client.clientId,
        client_secret: NO_SECRET,
        grant_types: [...client.grantTypes],
        redirect_uris: [],
        response_types: [],
        token_endpoint_auth_method: 'client_secret_basic', // oidc-provider lets either of Basic and body stand for the other
        scope: 'scim',
        tenant: client.tenantId,
        secrets: client.secrets,
      }
    );
  },
});

/** A database out of reach says nothing about the client: try again. */
const reachable = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
  try {
    return await answer;
  } catch (error) {
    if (!isConnectionLoss(error)) throw error;
    const unavailable = new errors.CustomOIDCProviderError(
      'temporarily_unavailable',
      'clients cannot be looked up now',
    );
    throw Object.assign(unavailable, { statusCode: 503 });
  }
};

const refuse = async (): Promise<never> => {
  throw new Error('This authorization server stores nothing: its access tokens are JWTs.');
};

/** Client credentials need no storage; whatever would is not offered yet. */
const nothingStored: Adapter = {
  upsert: refuse,
  find: async () => undefined,
  findByUserCode: async () => undefined,
  findByUid: async () => undefined,
  consume: refuse,
  destroy: refuse,
  revokeByGrantId: refuse,
};
