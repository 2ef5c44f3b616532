import { randomUUID } from 'node:crypto';
import type { StoredSnapshot } from '#event-sourcing';

const minute = (n: number): Date => new Date(Date.UTC(2026, 10, 21, 12, n));

/** A snapshot of `user-…+u1`, whose event of revision n took place in minute n. */
export const snapshotOf = (tenantId: string, change: Partial<StoredSnapshot> = {}): StoredSnapshot => {
  const { revision = 199 } = change;
  return {
    tenantId,
    streamName: `user-${tenantId}+u1`,
    subjectId: 'u1',
    stateVersion: 1,
    revision,
    eventId: randomUUID(),
    createdAt: minute(0),
    changedAt: minute(revision),
    latestAt: minute(revision),
    sealed: `state at ${revision}`,
    ...change,
  };
};
