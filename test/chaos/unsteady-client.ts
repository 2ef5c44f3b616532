import type { Body } from '../e2e/clients.js';
import type { Outcome } from './attempts.js';
import type { SeededRandom } from './seeded-random.js';

/** What a client of a system under attack may rely on. */
export interface Reply {
  readonly outcome: Outcome;
  /** 0 when no answer came. */
  readonly status: number;
  readonly etag: string | undefined;
  readonly body: Body;
}

/** Headers that say when a request may be carried out. */
export interface Conditions {
  readonly 'if-match'?: string;
  readonly 'idempotency-key'?: string;
}

const PATIENCE_MS = 4_000;
/** "Not now": nothing follows for what was asked. */
const NOT_NOW = new Set([502, 503, 504]);
/** Answers that this load must never see: its credentials are right and its rate is not limited. */
const WRONG = new Set([401, 403, 429]);

/** One client of one tenant, who asks this or that scim-api and does not wait for ever. */
export class UnsteadyClient {
  constructor(
    private readonly scimApis: readonly string[],
    readonly tenantId: string,
    private readonly token: string,
    private readonly random: SeededRandom,
    private readonly complain: (what: string) => void,
  ) {}

  async send(method: string, path: string, body?: object, conditions: Conditions = {}): Promise<Reply> {
    const url = `${this.random.pick(this.scimApis)}/t/${this.tenantId}/scim/v2${path}`;
    try {
      const response = await fetch(url, {
        method,
        signal: AbortSignal.timeout(PATIENCE_MS),
        headers: {
          authorization: `Bearer ${this.token}`,
          'content-type': 'application/scim+json',
          ...conditions,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const etag = response.headers.get('etag') ?? undefined;
      const { status } = response;
      this.check(method, status, text);
      if (outcomeOf(status) === 'unknown') await this.breathe();
      return { outcome: outcomeOf(status), status, etag, body: (text === '' ? {} : JSON.parse(text)) as Body };
    } catch {
      await this.breathe();
      return { outcome: 'unknown', status: 0, etag: undefined, body: {} as Body };
    }
  }

  /** As clients do that are asked to come again later; `Retry-After` counts in seconds, which is more than a round can spare. */
  private breathe(): Promise<void> {
    return new Promise((go) => setTimeout(go, this.random.between(50, 250)));
  }

  private check(method: string, status: number, text: string): void {
    if (WRONG.has(status) || (status >= 500 && !NOT_NOW.has(status)))
      this.complain(`${method} was answered ${status}: ${text}`);
  }
}

/** What an answer with this status says. */
export const outcomeOf = (status: number): Outcome => {
  if (status >= 500) return 'unknown';
  return status < 300 ? 'acknowledged' : 'refused';
};
