import { EdgeIndex, EventLogUnavailable, type EdgePage, type Subscription } from '#event-sourcing';
import { edgesStatement, type PostgresEdgeIndex } from '#event-store-postgres';
import { isConnectionLoss, type TenantDatabase, type TenantTransaction } from '#postgres';
import type { KurrentEventLog } from './kurrent-event-log.js';

/** Events in one transaction. */
const PAGE = 500;
/** How long after an append a tenant is brought forward that nobody has asked for. */
const FOLLOW_AFTER_MS = 1_000;

/**
 * The membership index beside a log in KurrentDB: the tables of the PostgreSQL log, filled by a follower with a checkpoint a tenant. Whatever is
 * asked is answered as of the tenant's head at the time of the call, because the follower is brought there first.
 */
export class KurrentEdgeIndex extends EdgeIndex {
  private readonly turns = new Map<string, { running: Promise<void>; next: Promise<void> | undefined }>();
  private readonly stale = new Set<string>();
  private subscription: Promise<Subscription> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private following: Promise<void> = Promise.resolve();

  constructor(
    private readonly log: KurrentEventLog,
    private readonly database: TenantDatabase,
    private readonly rows: PostgresEdgeIndex,
  ) {
    super();
  }

  async among(tenantId: string, source: string, targetIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (targetIds.length === 0) return new Set();
    await this.catchUp(tenantId);
    return this.rows.among(tenantId, source, targetIds);
  }

  async targets(
    tenantId: string,
    source: string,
    page: { readonly after?: string; readonly limit: number; readonly asOf?: number },
  ): Promise<EdgePage> {
    await this.catchUp(tenantId);
    return this.rows.targets(tenantId, source, page);
  }

  async sources(tenantId: string, targetId: string, limit: number): Promise<readonly string[]> {
    await this.catchUp(tenantId);
    return this.rows.sources(tenantId, targetId, limit);
  }

  async dangling(tenantId: string, targetId: string, limit: number): Promise<readonly string[]> {
    await this.catchUp(tenantId);
    return this.rows.dangling(tenantId, targetId, limit);
  }

  /** Follows the log on its own as well, so that a decision after a long silence, or an import, has little left to wait for. */
  start(): void {
    this.subscription ??= this.log.subscribe((tenantId) => this.woken(tenantId));
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    await (await this.subscription)?.close();
    this.stale.clear();
    await this.following;
  }

  /**
   * Resolves when the index has reached the head of now. Who comes while a round is under way, which may have read the head before, waits for
   * the next one, together with all who came meanwhile. Throws EventLogUnavailable.
   */
  private async catchUp(tenantId: string): Promise<void> {
    const turn = this.turns.get(tenantId);
    if (turn === undefined) return this.round(tenantId);
    turn.next ??= turn.running.catch(() => undefined).then(() => this.round(tenantId));
    return turn.next;
  }

  private round(tenantId: string): Promise<void> {
    const running = this.follow(tenantId);
    const turn = { running, next: undefined };
    this.turns.set(tenantId, turn);
    const over = () => {
      if (this.turns.get(tenantId) === turn && turn.next === undefined) this.turns.delete(tenantId);
    };
    running.then(over, over);
    return running;
  }

  private async follow(tenantId: string): Promise<void> {
    const head = await this.log.head(tenantId);
    try {
      if (head === 0 || (await this.reached(tenantId)) >= head) return;
      while ((await this.database.transaction(tenantId, (tx) => this.advance(tenantId, tx))) < head);
    } catch (error) {
      if (isConnectionLoss(error)) throw new EventLogUnavailable('The edge index did not answer.', { cause: error });
      throw error;
    }
  }

  private async reached(tenantId: string): Promise<number> {
    const { rows } = await this.database.query<{ sequence: string }>(tenantId, {
      name: 'kurrentdb-edge-position',
      text: 'SELECT sequence FROM kurrentdb_edge_positions WHERE tenant_id = $1',
      values: [tenantId],
    });
    return Number(rows[0]?.sequence ?? 0);
  }

  /** One page; the row of the tenant is locked, so that of several processes one applies an event. */
  private async advance(tenantId: string, tx: TenantTransaction): Promise<number> {
    const { rows } = await tx.query<{ sequence: string }>({
      name: 'kurrentdb-edge-position-lock',
      text: `INSERT INTO kurrentdb_edge_positions AS p (tenant_id, sequence) VALUES ($1, 0)
        ON CONFLICT (tenant_id) DO UPDATE SET sequence = p.sequence RETURNING sequence`,
      values: [tenantId],
    });
    const after = Number(rows[0]?.sequence ?? 0);
    const { events, reached } = await this.log.readEdges(tenantId, after, PAGE);
    if (events.length > 0) await tx.query(edgesStatement(tenantId, events));
    await tx.query({
      name: 'kurrentdb-edge-position-move',
      text: 'UPDATE kurrentdb_edge_positions SET sequence = $2 WHERE tenant_id = $1',
      values: [tenantId, reached],
    });
    return reached;
  }

  private woken(tenantId: string | undefined): void {
    if (tenantId === undefined) void this.markAll();
    else this.stale.add(tenantId);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.following = this.following.then(() => this.followStale());
    }, FOLLOW_AFTER_MS).unref();
  }

  private async markAll(): Promise<void> {
    const heads = await this.log.heads().catch(() => new Map<string, number>());
    for (const tenantId of heads.keys()) this.stale.add(tenantId);
  }

  private async followStale(): Promise<void> {
    for (const tenantId of this.stale) {
      this.stale.delete(tenantId);
      await this.catchUp(tenantId).catch(() => undefined); // who needs it will ask, and hear why
    }
  }
}
