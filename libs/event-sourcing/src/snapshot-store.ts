/** The state of a stream right after one event. Disposable: what it holds can be folded again as long as it can be read at all. */
export interface StoredSnapshot {
  readonly tenantId: string;
  readonly streamName: string;
  /** Whose key seals the state: when that is destroyed the snapshot goes too. */
  readonly subjectId: string;
  /** The version of state and fold, `StreamType.stateVersion`. */
  readonly stateVersion: number;
  /** The last event folded. */
  readonly revision: number;
  readonly eventId: string;
  readonly createdAt: Date;
  readonly changedAt: Date;
  /** The latest time among the events folded, which need not be that of the last: clocks of several processes differ. */
  readonly latestAt: Date;
  readonly sealed: string;
}

/** The moment up to which events count, both bounds included. */
export interface FoldLimit {
  readonly revision?: number;
  readonly time?: Date;
}

/** Where snapshots are kept, beside the subjects' keys. */
export abstract class SnapshotStore {
  /** The newest snapshot of that stream and version all of whose events count. */
  abstract newest(
    tenantId: string,
    streamName: string,
    stateVersion: number,
    limit: FoldLimit,
  ): Promise<StoredSnapshot | undefined>;

  /**
   * Keeps the snapshot unless there is one of that stream, version and revision, or the subject's key is gone; drops those of older versions of
   * the stream.
   */
  abstract save(snapshot: StoredSnapshot): Promise<void>;
}
