import type { PublicRecord, PublisherPosition } from '#contracts';

/** Records that belong together, and where the tenant stands once they are published. */
export interface Part {
  readonly records: readonly PublicRecord[];
  readonly position: PublisherPosition;
}
