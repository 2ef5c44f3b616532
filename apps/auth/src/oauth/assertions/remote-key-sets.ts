import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, type RemoteJWKSet } from 'jose';
import { LeastRecentlyUsed } from '#event-sourcing';
import type { KeyFetch } from './key-fetch.js';

/** How old keys may be before they are read again, so that withdrawn ones are noticed. */
const REFRESH_MS = 600_000;
/** How long keys are worth something while their issuer is out of reach: an outage of its is none of ours. */
const WORTH_MS = 24 * 3_600_000;
/** How soon an unknown `kid`, or an issuer out of reach, is asked about again. */
const ASK_AGAIN_MS = 30_000;
const MOST_SETS = 1000;

/** Whether an assertion is good cannot be told now: the issuer's keys are out of reach. */
export class KeysOutOfReach extends Error {}

interface KnownSet {
  readonly remote: RemoteJWKSet;
  readAt: number;
  triedAt: number;
}

/** Public keys of other issuers, cached by their `kid`. A new one is found at once, and an outage of the issuer survived. */
export class RemoteKeySets {
  private readonly sets = new LeastRecentlyUsed<KnownSet>(MOST_SETS);

  constructor(
    private readonly fetch: KeyFetch,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  /** The keys published there. What it returns throws jose's JWKSNoMatchingKey, or KeysOutOfReach. */
  at(jwksUri: string): JWTVerifyGetKey {
    const set = this.sets.get(jwksUri) ?? this.newSet(jwksUri);
    return async (header, token) => {
      try {
        await this.refresh(set);
        return await set.remote(header, token);
      } catch (error) {
        if (aboutTheToken.some((kind) => error instanceof kind)) throw error;
        throw new KeysOutOfReach('The keys of the issuer cannot be read.', { cause: error });
      }
    };
  }

  private newSet(jwksUri: string): KnownSet {
    const remote = createRemoteJWKSet(new URL(jwksUri), {
      cacheMaxAge: Infinity, // ours to say, below
      cooldownDuration: ASK_AGAIN_MS,
      [customFetch]: (url) => this.fetch(url),
    });
    const set = { remote, readAt: -Infinity, triedAt: -Infinity };
    this.sets.set(jwksUri, set);
    return set;
  }

  private async refresh(set: KnownSet): Promise<void> {
    const now = this.monotonicMs();
    const age = now - set.readAt;
    if (age < REFRESH_MS || (age < WORTH_MS && now - set.triedAt < ASK_AGAIN_MS)) return;
    set.triedAt = now;
    try {
      await set.remote.reload();
      set.readAt = now;
    } catch (error) {
      if (age >= WORTH_MS) throw error;
    }
  }
}

const aboutTheToken = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported] as const;
