import { PartitionLeases, type PartitionLease } from './partition-leases.js';

/** Leases among publishers of one process. */
export class InMemoryPartitionLeases extends PartitionLeases {
  private readonly held = new Map<number, AbortController>();

  async share(partitions: number): Promise<number> {
    return partitions;
  }

  async acquire(partition: number): Promise<PartitionLease | undefined> {
    if (this.held.has(partition)) return undefined;
    const controller = new AbortController();
    this.held.set(partition, controller);
    return { partition, lost: controller.signal, release: async () => void this.held.delete(partition) };
  }

  async close(): Promise<void> {
    this.held.clear();
  }
}
