import type { IncomingMessage, ServerResponse } from 'node:http';
import type Koa from 'koa';
import type { Logger } from 'pino';
import { AccessDenied, isOutOfReach, untilInReach, type FailedCredentials, type SigningKeys } from '#access';
import type { ClientRegistry } from './client-registry.js';
import type { OAuthEndpoints } from './endpoints.js';
import { createProvider } from './provider.js';

/** Far below the day for which a new key is published before it signs. */
const REFRESH_KEYS_MS = 60_000;

export interface AuthorizationServerParts {
  readonly endpoints: OAuthEndpoints;
  readonly keys: SigningKeys;
  readonly clients: ClientRegistry;
  readonly failures: FailedCredentials;
  readonly logger: Logger;
  readonly now: () => Date;
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
      this.refresh().catch((error: unknown) =>
        this.parts.logger[isOutOfReach(error) ? 'warn' : 'error']({ err: error }, 'signing keys cannot be read'),
      );
    }, REFRESH_KEYS_MS).unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Answers one request. `address` is the client's, seen through trusted proxies. */
  async handle(request: IncomingMessage, response: ServerResponse, address: string): Promise<void> {
    if (this.current === undefined) throw new Error('The authorization server is not started.');
    this.addresses.set(request, address);
    await this.current.handle(request, response);
  }

  /** Takes up what changed among the signing keys. */
  async refresh(): Promise<void> {
    const { endpoints, keys, clients, logger, now } = this.parts;
    const set = await keys.refresh();
    if (this.current?.version === set.version) return;
    const provider = createProvider(endpoints.issuer, set, clients, now);
    provider.use((ctx, next) => this.onlyWhatIsOffered(ctx, next));
    provider.use((ctx, next) => this.slowDownGuessing(ctx, next));
    provider.on('server_error', (_ctx, error) => logger.error({ err: error }, 'the authorization server failed'));
    provider.on('grant.success', (ctx) => void this.noteUse(ctx.oidc.client?.clientId));
    const handle = provider.callback();
    this.current = { version: set.version, handle: (request, response) => handle(request, response) };
  }

  /** The provider has routes for flows that are not offered: they are not there. */
  private async onlyWhatIsOffered(ctx: Koa.Context, next: Koa.Next): Promise<void> {
    switch (ctx.path) {
      case '/oauth2/token':
      case '/oauth2/jwks':
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

  private async noteUse(clientId: string | undefined): Promise<void> {
    if (clientId === undefined) return;
    try {
      await this.parts.clients.noteUse(clientId, this.parts.now());
    } catch (error) {
      this.parts.logger.warn({ err: error }, 'the last use of a client could not be noted');
    }
  }
}
