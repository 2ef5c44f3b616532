/** The right to publish one partition, until it is released or lost. */
export interface PartitionLease {
  readonly partition: number;
  /** Aborted when the lease is lost. What was begun may end: Kafka fences whoever is too late. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** Who publishes what, when several publisher processes share the partitions. */
export abstract class PartitionLeases {
  /** How many of `partitions` this process should hold now, so that all living processes hold about the same. */
  abstract share(partitions: number): Promise<number>;

  /** The lease, or undefined while somebody else holds it. */
  abstract acquire(partition: number): Promise<PartitionLease | undefined>;

  /** Releases everything. Never throws. */
  abstract close(): Promise<void>;
}
