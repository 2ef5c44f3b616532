import type { NewSubjectKey } from '#event-sourcing';
import type { Position } from '@kurrent/kurrentdb-client';
import { HeadCheckpoints, SubjectKeys, type BesideTheLog, type HeadCheckpoint } from './index.js';

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
