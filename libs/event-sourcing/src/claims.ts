import { ConcurrencyConflict } from './event-log.js';
import type { EventStore, StreamWrite, WriteRequest } from './event-store.js';
import type { EventMetadata } from './message.js';
import type { Sealer } from './sealer.js';
import { streamName } from './stream-name.js';
import type { Claim } from './stream-type.js';

/** Another resource holds a value that must be unique. */
export class ClaimTaken extends Error {
  readonly code = 'claim-taken';
  constructor(readonly kind: string) {
    super(`Another resource of this tenant holds this ${kind}.`);
    this.name = 'ClaimTaken';
  }
}

/** How a change of one resource moves the claims it holds. */
export interface ClaimMoves {
  readonly taken: readonly Claim[];
  readonly released: readonly Claim[];
}

/** The claims that one resource moves. */
export interface ClaimChange extends ClaimMoves {
  readonly holder: ClaimHolder;
}

/** From the claims held before to those held after. */
export const claimMoves = (before: readonly Claim[], after: readonly Claim[]): ClaimMoves => ({
  taken: without(after, before),
  released: without(before, after),
});

/** Who takes and releases, on whose request. */
export interface ClaimHolder {
  readonly tenantId: string;
  readonly resourceId: string;
  readonly metadata: EventMetadata;
}

interface Take {
  readonly claim: Claim;
  readonly write: StreamWrite;
  readonly resourceId: string;
}

/** Appends changes together with the claims they move, so that a value is held by one resource at a time (DESIGN §4, claims). */
export class Claims {
  constructor(
    private readonly store: EventStore,
    private readonly sealer: Sealer,
  ) {}

  /** All of it or nothing. No claim may be moved twice. Errors: ClaimTaken, and those of EventLog.append. */
  async append(request: WriteRequest, changes: readonly ClaimChange[]): Promise<void> {
    // Only its holder releases a claim, and the holder's own stream is checked: any revision of the claim's stream will do.
    const releases = await Promise.all(
      changes.flatMap(({ released, holder }) =>
        released.map((claim) => this.write(claim, 'ClaimReleased', 'any', holder)),
      ),
    );
    const takes = await Promise.all(
      changes.flatMap(({ taken, holder }) =>
        taken.map(async (claim) => ({
          claim,
          write: await this.write(claim, 'ClaimTaken', 'no-stream', holder),
          resourceId: holder.resourceId,
        })),
      ),
    );
    const streams = [...request.streams, ...releases];
    try {
      await this.store.append({ ...request, streams: [...streams, ...takes.map(({ write }) => write)] });
    } catch (error) {
      // A claim's stream outlives its holders: where it exists, its last event tells whether the value is free.
      const again = await this.onceMore(error, takes);
      await this.store.append({ ...request, streams: [...streams, ...again] });
    }
  }

  /** The takes with the revisions to expect where claims alone stood in the way. Throws ClaimTaken, or the error itself. */
  private async onceMore(error: unknown, takes: readonly Take[]): Promise<readonly StreamWrite[]> {
    if (!(error instanceof ConcurrencyConflict)) throw error;
    const contested = new Map(error.conflicts.map(({ streamName: name, actual }) => [name, actual]));
    const onlyClaims = takes.filter(({ write }) => contested.has(write.streamName)).length === contested.size;
    if (!onlyClaims) throw error;
    return Promise.all(
      takes.map(async ({ claim, write, resourceId }) => {
        if (!contested.has(write.streamName)) return write;
        const revision = contested.get(write.streamName);
        if (revision === undefined) throw error;
        if (await this.isFree(write, revision, resourceId)) return { ...write, expected: revision };
        throw new ClaimTaken(claim.kind);
      }),
    );
  }

  /**
   * Whether the claim, as of that revision, is released or held by the resource itself: then another process has made the same change,
   * and the resource's own stream will tell.
   */
  private async isFree({ tenantId, streamName: name }: StreamWrite, revision: number, resourceId: string) {
    for await (const { event } of this.store.readStream(tenantId, name, { from: revision, to: revision }))
      return event.type === 'ClaimReleased' || ('resourceId' in event.data && event.data.resourceId === resourceId);
    return false;
  }

  private async write(
    { kind, value }: Claim,
    type: 'ClaimTaken' | 'ClaimReleased',
    expected: StreamWrite['expected'],
    { tenantId, resourceId, metadata }: ClaimHolder,
  ): Promise<StreamWrite> {
    const name = streamName('claim', tenantId, `${kind}-${await this.sealer.claimHash(tenantId, kind, value)}`);
    return { tenantId, streamName: name, expected, events: [{ event: { type, data: { resourceId } }, metadata }] };
  }
}

const without = (claims: readonly Claim[], others: readonly Claim[]): readonly Claim[] =>
  claims.filter(({ kind, value }) => !others.some((other) => other.kind === kind && other.value === value));
