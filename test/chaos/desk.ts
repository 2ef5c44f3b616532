import type { Effect, Journal, Outcome } from './attempts.js';
import type { SeededRandom } from './seeded-random.js';
import type { Conditions, Reply, UnsteadyClient } from './unsteady-client.js';

/** A user or group that one lane alone writes to. `isSure`: no attempt on it is open, so that it is exactly as last acknowledged. */
export interface Owned {
  readonly id: string;
  name: string;
  marker: string;
  etag: string | undefined;
  isSure: boolean;
}

/** The lane's own people in a group. */
export interface Membership {
  readonly id: string;
  /** Whose adding was acknowledged at once, and who were never asked to go. */
  readonly members: Set<string>;
  /** Everybody ever asked in: a second time would blur what an attempt leaves behind. */
  readonly known: Set<string>;
}

export type OwnedGroup = Owned & Membership;

const RETRIES = 8;

/** What the work of one lane shares: its client, what it owns, names and texts nobody used before, and the journal. */
export class Desk {
  readonly users = new Map<string, Owned>();
  readonly groups = new Map<string, OwnedGroup>();
  private attempts = 0;
  private names = 0;

  constructor(
    readonly lane: string,
    readonly client: UnsteadyClient,
    readonly random: SeededRandom,
    /** A group of the tenant in which every lane has people. */
    readonly commons: Membership,
    private readonly journal: Journal,
  ) {}

  /** Asks once. */
  async attempt(
    effects: readonly Effect[],
    method: string,
    path: string,
    body: object,
    conditions?: Conditions,
  ): Promise<Reply> {
    const reply = await this.client.send(method, path, body, conditions);
    this.record(effects, reply.outcome);
    return reply;
  }

  /** Repeats what may safely be repeated until there is an answer. Returns it and how many times it asked; undefined if none came or it was refused. */
  async insist(
    effects: readonly Effect[],
    method: string,
    path: string,
    body?: object,
    conditions?: Conditions,
  ): Promise<{ readonly reply: Reply; readonly tries: number } | undefined> {
    for (let tries = 1; tries <= RETRIES; tries += 1) {
      const reply = await this.client.send(method, path, body, conditions);
      // Gone although we own it: an earlier try has done it.
      const isDone = reply.status === 404 && method === 'DELETE' && tries > 1;
      this.record(effects, isDone ? 'acknowledged' : reply.outcome);
      if (reply.outcome === 'acknowledged' || isDone) return { reply, tries };
      if (reply.outcome === 'refused') {
        this.complain(`${method} on an own resource was answered ${reply.status}: ${reply.body.detail}`);
        return undefined;
      }
    }
    return undefined;
  }

  /** A creation with a key of its own, repeated until it is answered, and half the time once more for no reason. */
  async createOnce(path: string, marker: string, body: object): Promise<Reply | undefined> {
    const effects: readonly Effect[] = [`marker:${marker}`];
    const key = { 'idempotency-key': marker };
    const done = await this.insist(effects, 'POST', path, body, key);
    if (done === undefined || this.random.next() < 0.5) return done?.reply;
    const again = await this.insist(effects, 'POST', path, body, key);
    if (again !== undefined && again.reply.body.id !== done.reply.body.id)
      this.complain('one Idempotency-Key was answered with two resources');
    return done.reply;
  }

  /** Tries something new each time until one of them settles the matter. */
  async retry(once: () => Promise<'settled' | 'open'>): Promise<void> {
    for (let tries = 1; tries <= RETRIES; tries += 1) if ((await once()) === 'settled') return;
  }

  record(effects: readonly Effect[], outcome: Outcome): void {
    this.journal.record({ tenantId: this.client.tenantId, lane: this.lane, effects, outcome });
  }

  complain(what: string): void {
    this.journal.complain(`${this.lane}: ${what}`);
  }

  newMarker(): string {
    this.attempts += 1;
    return `${this.lane}-try-${this.attempts}`;
  }

  newName(): string {
    this.names += 1;
    return `${this.lane}-user-${this.names}`;
  }

  /** Takes note of what became of a change of an own resource. */
  changed(resource: Owned, reply: Reply, now: { readonly marker: string; readonly name?: string }): void {
    const expected = reply.outcome !== 'refused' || (reply.status === 412 && !resource.isSure);
    const isMemberGone = reply.status === 400 || reply.status === 412; // of a group whose member goes at this moment
    if (!expected && !(this.groups.has(resource.id) && isMemberGone))
      this.complain(`changing an own resource was answered ${reply.status}: ${reply.body.detail}`);
    if (reply.outcome === 'acknowledged') Object.assign(resource, now);
    if (reply.outcome === 'unknown') resource.isSure = false;
    resource.etag = reply.outcome === 'acknowledged' ? reply.etag : undefined;
  }
}

export const patchOf = (...Operations: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
});
