import type { IncomingMessage, ServerResponse } from 'node:http';
import type Koa from 'koa';
import type { errors, KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Logger } from 'pino';
import {
  AccessDenied,
  isOutOfReach,
  untilInReach,
  type FailedCredentials,
  type FailureCounts,
  type SigningKeys,
} from '#access';
import type { AdministratorActs } from '../administrators/administrator-acts.js';
import type { InteractionPages } from './pages/interaction-pages.js';
import type { InvitationPage } from './pages/invitation-page.js';
import type { OAuthEndpoints } from './endpoints.js';
import { AccessTokens } from './access-tokens.js';
import { withPresentedAssertion } from './assertions/presented-assertion.js';
import { createProvider, SESSION_COOKIE, tenantOf, type ProviderParts } from './provider.js';

/** Far below the day for which a new key is published before it signs. */
const TEND_MS = 60_000;
const LONGEST_REASON = 500;
/** What follows the name of a page or of an authorization under way: its id. */
const LAST_PART = /^(\/oauth2\/(?:interaction|invitation|authorize))\/[^/]+$/;

export interface AuthorizationServerParts extends Omit<ProviderParts, 'issuer'> {
  readonly interactions: InteractionPages;
  readonly invitations: InvitationPage;
  readonly acts: Pick<AdministratorActs, 'gaveBack'>;
  readonly endpoints: OAuthEndpoints;
  readonly keys: SigningKeys;
  readonly failures: FailedCredentials;
  readonly guesses: Pick<FailureCounts, 'purge'>;
  readonly logger: Logger;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** OAuth 2 on `/oauth2/*` and the metadata, by oidc-provider. Follows the signing keys as they rotate. */
export class AuthorizationServer {
  private current: { readonly version: string; readonly handle: Handler } | undefined;
  private readonly addresses = new WeakMap<IncomingMessage, string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: AuthorizationServerParts) {}

  /** Reads the keys, making the first one if there is none, and follows them from then on. */
  async start(): Promise<void> {
    await untilInReach(
      () => this.refresh(),
      (error) => this.parts.logger.warn({ err: error }, 'waiting for the database: there are no signing keys yet'),
    );
    this.timer = setInterval(() => {
      this.tend().catch((error: unknown) =>
        this.parts.logger[isOutOfReach(error) ? 'warn' : 'error']({ err: error }, 'OAuth state cannot be tended'),
      );
    }, TEND_MS).unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Answers one request. `address` is the client's, seen through trusted proxies. */
  async handle(request: IncomingMessage, response: ServerResponse, address: string): Promise<void> {
    if (this.current === undefined) throw new Error('The authorization server is not started.');
    const prepared = await withPresentedAssertion(request);
    this.seenFromOutside(prepared);
    this.addresses.set(prepared, address);
    await this.current.handle(prepared, response);
  }

  /** oidc-provider makes URLs and cookies by where a request went. That is PUBLIC_URL, however many proxies were on the way. */
  private seenFromOutside({ headers }: IncomingMessage): void {
    const { host, protocol } = new URL(this.parts.endpoints.issuer);
    Object.assign(headers, { host, 'x-forwarded-host': host, 'x-forwarded-proto': protocol.slice(0, -1) });
  }

  private async tend(): Promise<void> {
    await this.refresh();
    await Promise.all([this.parts.artifacts.purge(), this.parts.guesses.purge()]);
  }

  /** Takes up what changed among the signing keys. */
  async refresh(): Promise<void> {
    const { endpoints, keys, logger } = this.parts;
    const set = await keys.refresh();
    if (this.current?.version === set.version) return;
    const parts = { ...this.parts, issuer: endpoints.issuer };
    const provider = createProvider(parts, set);
    const accessTokens = new AccessTokens(parts, set);
    provider.proxy = true; // the headers are our own: seenFromOutside
    provider.use((ctx, next) => this.onlyWhatIsOffered(ctx, next, provider));
    provider.use((ctx, next) => this.slowDownGuessing(ctx, next));
    provider.use((ctx, next) => this.ownAccessTokens(ctx as KoaContextWithOIDC, next, accessTokens));
    provider.on('server_error', (_ctx, error) => logger.error({ err: error }, 'the authorization server failed'));
    provider.on('grant.revoked', (ctx) => void this.noteEnd(ctx.oidc.client));
    provider.on('grant.success', (ctx) => void this.noteUse(ctx.oidc.client?.clientId));
    for (const failure of ['grant.error', 'introspection.error', 'revocation.error'] as const)
      provider.on(failure as 'grant.error', (ctx, error) => void this.noteRefusal(ctx.oidc.client?.clientId, error));
    const handle = provider.callback();
    this.current = { version: set.version, handle: (request, response) => handle(request, response) };
  }

  /** The provider has routes for flows that are not offered: they are not there. */
  private async onlyWhatIsOffered(ctx: Koa.Context, next: Koa.Next, provider: Provider): Promise<void> {
    const address = this.addresses.get(ctx.req) ?? '';
    switch (ctx.path.replace(LAST_PART, '$1/*')) {
      case '/oauth2/interaction/*':
        return this.parts.interactions.handle(ctx, provider, address);
      case '/oauth2/invitation/*':
        return this.parts.invitations.handle(ctx);
      case '/oauth2/authorize':
        // Each authorization is a sign-in of its own, by whoever sits there now: the session of the one before is not carried on.
        delete ctx.headers.cookie;
        ctx.cookies.set(provider.cookieName('session'), null, SESSION_COOKIE);
        await next();
        return;
      case '/oauth2/authorize/*':
      case '/oauth2/token':
      case '/oauth2/jwks':
      case '/oauth2/introspect':
      case '/oauth2/revoke':
        await next();
        return;
      case '/.well-known/oauth-authorization-server':
        ctx.body = this.parts.endpoints.metadata();
        return;
      default:
        ctx.status = 404;
        ctx.body = { error: 'invalid_request', error_description: 'There is no such endpoint.' };
    }
  }

  /** oidc-provider authenticates the client, reads the form, and then says that it does not do JWTs: from there on it is ours. */
  private async ownAccessTokens(ctx: KoaContextWithOIDC, next: Koa.Next, accessTokens: AccessTokens): Promise<void> {
    await next();
    if ((ctx.body as { error?: unknown } | undefined)?.error !== 'unsupported_token_type') return;
    const { client, params } = ctx.oidc;
    if (client === undefined) return;
    const token = String(params?.['token']);
    const asking = { clientId: client.clientId, tenant: tenantOf(client) };
    if (ctx.oidc.route === 'introspection') {
      ctx.status = 200;
      ctx.body = await accessTokens.introspect(token, asking);
    } else if (await accessTokens.revoke(token, asking)) {
      ctx.status = 200;
      ctx.body = '';
    } else ctx.body = { error: 'invalid_request', error_description: 'the token was issued to another client' };
  }

  /** R19. As with bearer tokens, only failures are counted and refused. */
  private async slowDownGuessing(ctx: Koa.Context, next: Koa.Next): Promise<void> {
    await next();
    if (ctx.status === 503) ctx.set('retry-after', '1');
    if (ctx.status !== 401) return;
    try {
      await this.parts.failures.count(this.addresses.get(ctx.req) ?? '');
    } catch (error) {
      if (!(error instanceof AccessDenied)) throw error;
      ctx.status = error.status;
      ctx.set({ ...error.headers });
      ctx.body = { error: 'invalid_client', error_description: error.message };
    }
  }

  /** The caller is told `invalid_client` and no more; whoever set the client up sees why. */
  private async noteRefusal(
    clientId: string | undefined,
    { error, error_detail }: errors.OIDCProviderError,
  ): Promise<void> {
    if (clientId === undefined || error !== 'invalid_client') return;
    const { clients, logger, now } = this.parts;
    const reason = error_detail ?? 'client authentication failed';
    logger.warn({ clientId, reason }, 'a client was turned away');
    try {
      await clients.noteRefusal(clientId, reason.slice(0, LONGEST_REASON), now());
    } catch (failure) {
      logger.warn({ err: failure }, 'why a client was turned away could not be noted');
    }
  }

  /** The client gave its access back, or used a code or refresh token twice. */
  private async noteEnd(client: unknown): Promise<void> {
    if (client === undefined) return;
    const { artifacts, acts, logger } = this.parts;
    const { clientId } = client as { readonly clientId: string };
    try {
      if (!(await artifacts.hasGrant(clientId))) await acts.gaveBack(tenantOf(client), clientId);
    } catch (error) {
      logger.warn({ err: error, clientId }, 'the end of an authorization could not be noted');
    }
  }

  private async noteUse(clientId: string | undefined): Promise<void> {
    if (clientId === undefined) return;
    try {
      await this.parts.clients.noteUse(clientId, this.parts.now());
    } catch (error) {
      this.parts.logger.warn({ err: error }, 'the last use of a client could not be noted');
    }
  }
}
