/**
 * What an attempt to write must leave in the log when it succeeds, as a key: `marker:{text}` for a text that no other attempt writes,
 * `deleted:{id}`, `added:{group}/{member}`, `removed:{group}/{member}`. A lane takes care that none of them can rightly happen twice.
 */
export type Effect = `${'marker' | 'deleted' | 'added' | 'removed'}:${string}`;

/** `unknown`: no answer, or one that says nothing of what happened. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

export interface Attempt {
  readonly tenantId: string;
  readonly lane: string;
  readonly effects: readonly Effect[];
  readonly outcome: Outcome;
}

/** Everything the clients of a round tried, and what they saw that may not be. */
export class Journal {
  readonly attempts: Attempt[] = [];
  readonly complaints: string[] = [];

  record(attempt: Attempt): void {
    this.attempts.push(attempt);
  }

  complain(what: string): void {
    this.complaints.push(what);
  }

  count(outcome: Outcome): number {
    return this.attempts.filter((attempt) => attempt.outcome === outcome).length;
  }
}
