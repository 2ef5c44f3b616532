import { SnapshotStore, type FoldLimit, type StoredSnapshot } from './snapshot-store.js';

/** The store's contract in memory, for tests of what stands on it. */
export class InMemorySnapshotStore extends SnapshotStore {
  /** Open to tests, which spoil what is in it. */
  snapshots: StoredSnapshot[] = [];

  async newest(
    tenantId: string,
    streamName: string,
    stateVersion: number,
    { revision = Infinity, time }: FoldLimit,
  ): Promise<StoredSnapshot | undefined> {
    return this.snapshots
      .filter((one) => one.tenantId === tenantId && one.streamName === streamName && one.stateVersion === stateVersion)
      .filter((one) => one.revision <= revision && (time === undefined || one.latestAt <= time))
      .toSorted((a, b) => b.revision - a.revision)[0];
  }

  async save(snapshot: StoredSnapshot): Promise<void> {
    const isOfStream = ({ tenantId, streamName }: StoredSnapshot) =>
      tenantId === snapshot.tenantId && streamName === snapshot.streamName;
    this.snapshots = this.snapshots.filter((one) => !isOfStream(one) || one.stateVersion >= snapshot.stateVersion);
    const isThere = this.snapshots.some(
      (one) => isOfStream(one) && one.stateVersion === snapshot.stateVersion && one.revision === snapshot.revision,
    );
    if (!isThere) this.snapshots.push(snapshot);
  }

  /** What destroying a subject's key does. */
  erase(tenantId: string, subjectId: string): void {
    this.snapshots = this.snapshots.filter((one) => one.tenantId !== tenantId || one.subjectId !== subjectId);
  }
}
