import {
  ConcurrencyConflict,
  EventLog,
  type AppendedStream,
  type AppendRequest,
  type Conflict,
  type StoredEvent,
  type StreamAppend,
  type StreamPosition,
  type Subscription,
  type WakeUp,
} from './event-log.js';
import { InMemoryEdgeIndex } from './in-memory-edge-index.js';

interface Stream {
  readonly events: StoredEvent[];
  open: boolean;
}

/** The log's contract in memory, for tests of what stands on it. */
export class InMemoryEventLog extends EventLog {
  readonly edges = new InMemoryEdgeIndex();
  private readonly tenants = new Map<string, StoredEvent[]>();
  private readonly streams = new Map<string, Stream>();
  private readonly listeners = new Set<WakeUp>();

  async append(request: AppendRequest): Promise<readonly AppendedStream[]> {
    const conflicts = [...this.revisionConflicts(request), ...this.closedGuards(request)];
    if (conflicts.length > 0) throw new ConcurrencyConflict(conflicts);
    const appended = request.streams.map((write) => this.write(write));
    for (const tenantId of new Set(request.streams.map((write) => write.tenantId)))
      for (const wake of this.listeners) queueMicrotask(() => wake(tenantId));
    return appended;
  }

  async readStream(
    tenantId: string,
    name: string,
    range: { readonly from?: number; readonly to?: number; readonly limit?: number } = {},
  ): Promise<readonly StoredEvent[]> {
    const { from = 0, to = Infinity, limit = Infinity } = range;
    return (this.stream(tenantId, name)?.events ?? [])
      .filter((e) => e.revision >= from && e.revision <= to)
      .slice(0, limit);
  }

  async positions(tenantId: string, names: readonly string[]): Promise<ReadonlyMap<string, StreamPosition>> {
    const found = new Map<string, StreamPosition>();
    for (const name of names) {
      const stream = this.stream(tenantId, name);
      if (stream !== undefined) found.set(name, { revision: stream.events.length - 1, open: stream.open });
    }
    return found;
  }

  async readTenant(tenantId: string, after: number, limit: number): Promise<readonly StoredEvent[]> {
    return (this.tenants.get(tenantId) ?? []).slice(after, after + limit);
  }

  async head(tenantId: string): Promise<number> {
    return this.tenants.get(tenantId)?.length ?? 0;
  }

  async heads(): Promise<ReadonlyMap<string, number>> {
    return new Map([...this.tenants].map(([tenantId, events]) => [tenantId, events.length]));
  }

  async subscribe(wake: WakeUp): Promise<Subscription> {
    this.listeners.add(wake);
    return {
      close: async () => {
        this.listeners.delete(wake);
      },
    };
  }

  private stream(tenantId: string, name: string): Stream | undefined {
    return this.streams.get(`${tenantId}/${name}`);
  }

  private *revisionConflicts(request: AppendRequest): Generator<Conflict> {
    for (const { tenantId, streamName, expected } of request.streams) {
      const stream = this.stream(tenantId, streamName);
      const actual = stream === undefined ? undefined : stream.events.length - 1;
      if (expected === 'any' || actual === (expected === 'no-stream' ? undefined : expected)) continue;
      yield { tenantId, streamName, expected, actual };
    }
  }

  private *closedGuards(request: AppendRequest): Generator<Conflict> {
    for (const { tenantId, streamName } of request.guards ?? []) {
      const stream = this.stream(tenantId, streamName);
      if (stream?.open === true) continue;
      yield {
        tenantId,
        streamName,
        expected: 'open',
        actual: stream === undefined ? undefined : stream.events.length - 1,
      };
    }
  }

  private write({ tenantId, streamName, events, closes }: StreamAppend): AppendedStream {
    const key = `${tenantId}/${streamName}`;
    const stream = this.streams.get(key) ?? { events: [], open: true };
    const tenant = this.tenants.get(tenantId) ?? [];
    this.streams.set(key, stream);
    this.tenants.set(tenantId, tenant);
    for (const { edges, ...event } of events) {
      const stored = { ...event, tenantId, streamName, sequence: tenant.length + 1, revision: stream.events.length };
      stream.events.push(stored);
      tenant.push(stored);
      if (edges !== undefined) this.edges.apply(tenantId, edges, stored.sequence);
    }
    if (closes === true) stream.open = false;
    return { tenantId, streamName, revision: stream.events.length - 1, sequence: tenant.length };
  }
}
