import { LeastRecentlyUsed } from '#event-sourcing';
import { TokenDirectory, type KnownClient, type KnownScimToken, type KnownTenant } from './token-directory.js';

export interface TokenCacheOptions {
  /** An answer may be this old: what is revoked is refused after this time at the latest. */
  readonly maxAgeMs: number;
  readonly capacity: number;
  readonly monotonicMs: () => number;
}

/** Well below the five seconds of DESIGN §7. */
export const defaultTokenCache: TokenCacheOptions = {
  maxAgeMs: 2000,
  capacity: 20_000,
  monotonicMs: () => performance.now(),
};

interface Entry {
  readonly answer: Promise<unknown>;
  readonly until: number;
}

/**
 * Remembers answers for a moment, callers at the same time share one look-up. That there is no such id is remembered, too, against floods of one
 * made-up id; a new token works at once all the same, for nobody can have asked for its random id before it was made.
 */
export class CachedTokenDirectory extends TokenDirectory {
  private readonly entries: LeastRecentlyUsed<Entry>;

  constructor(
    private readonly origin: TokenDirectory,
    private readonly options: TokenCacheOptions = defaultTokenCache,
  ) {
    super();
    this.entries = new LeastRecentlyUsed(options.capacity);
  }

  scimToken(tokenId: string): Promise<KnownScimToken | undefined> {
    return this.remembered(`token/${tokenId}`, () => this.origin.scimToken(tokenId));
  }

  client(clientId: string): Promise<KnownClient | undefined> {
    return this.remembered(`client/${clientId}`, () => this.origin.client(clientId));
  }

  tenant(tenantId: string): Promise<KnownTenant | undefined> {
    return this.remembered(`tenant/${tenantId}`, () => this.origin.tenant(tenantId));
  }

  private remembered<Answer>(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const now = this.options.monotonicMs();
    const known = this.entries.get(key);
    if (known !== undefined && now < known.until) return known.answer as Promise<Answer>;
    const answer = ask();
    this.entries.set(key, { answer, until: now + this.options.maxAgeMs });
    answer.catch(() => {
      if (this.entries.get(key)?.answer === answer) this.entries.delete(key); // a failure is not an answer
    });
    return answer;
  }
}
