import type { NewSubjectKey } from '#event-sourcing';
import type { Position } from '@kurrent/kurrentdb-client';
import {
  HeadCheckpoints,
  KurrentEventLog,
  SubjectKeys,
  type BesideTheLog,
  type HeadCheckpoint,
  type KurrentServer,
  type KurrentEventLogOptions,
} from './index.js';

class InMemorySubjectKeys extends SubjectKeys {
  readonly stored = new Map<string, NewSubjectKey>();

  async add(keys: readonly NewSubjectKey[]): Promise<boolean> {
    const free = keys.filter(({ subjectId }) => !this.stored.has(subjectId));
    for (const key of free) this.stored.set(key.subjectId, key);
    return free.length === keys.length;
  }

  async replace(keys: readonly NewSubjectKey[]): Promise<void> {
    for (const key of keys) this.stored.set(key.subjectId, key);
  }
}

class InMemoryHeadCheckpoints extends HeadCheckpoints {
  position: Position | undefined;
  readonly heads = new Map<string, number>();

  async load(): Promise<HeadCheckpoint> {
    return { position: this.position, heads: new Map(this.heads) };
  }

  async save(position: Position, heads: ReadonlyMap<string, number>): Promise<void> {
    this.position = position;
    for (const [tenantId, sequence] of heads) this.heads.set(tenantId, sequence);
  }
}

/** What stands beside the log, without a database, and open to look into. */
export const besideTheLog = () =>
  ({ subjectKeys: new InMemorySubjectKeys(), checkpoints: new InMemoryHeadCheckpoints() }) satisfies BesideTheLog;

/** Quick: a test waits for what it awaits. */
export const TIMING = { reconnectAfterMs: { first: 1, most: 5 }, saveEveryMs: 1, waitMs: 1_000 };

const open: KurrentEventLog[] = [];

/** A process: its own log on the server. `closeAll` ends it. */
export const processOn = (
  server: KurrentServer,
  beside: BesideTheLog = besideTheLog(),
  options: KurrentEventLogOptions = {},
): KurrentEventLog => {
  const log = new KurrentEventLog(server, beside, { timing: TIMING, ...options });
  open.push(log);
  return log;
};

/** For `afterEach`. */
export const closeAll = async (): Promise<void> => {
  for (const log of open.splice(0)) await log.close();
};

/** Resolves when it holds; throws when that takes too long. */
export const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 4_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('What was waited for did not happen.');
    await new Promise((resolve) => setImmediate(resolve));
  }
};
