import { createHash } from 'node:crypto';
import type { TenantQueries } from '#postgres';
import { sqlState } from '../projection/transient-errors.js';
import { LiveIndexesAtHand } from './live-indexes.js';
import { QueryTooCostly } from './query-errors.js';
import type { ReadBarrier, ReadState } from './read-barrier.js';
import type { CompiledStatement, StatementContext } from './resource-statement.js';

/** Columns that every statement of `framed` returns. */
export interface StateColumns {
  head: string | null;
  checkpoint: string;
  generation: number | null;
  parked_event_id: string | null;
}

export interface ReaderOptions {
  /** For what an index answers with a few rows. */
  readonly lookUps: TenantQueries;
  /** For pages that an index serves. */
  readonly pages: TenantQueries;
  /** Few connections with a short statement timeout, for what scans a tenant: a costly filter starves nobody (DESIGN §5). */
  readonly scans: TenantQueries;
  readonly barrier: ReadBarrier;
  /** The tenant's SCIM base URL, without a slash at its end. */
  readonly scimBaseUrl: (tenantId: string) => string;
}

const QUERY_CANCELED = '57014';
/** Statements that clients send all day have few shapes, so the database may keep their plans; others are planned each time. */
const MAX_PREPARED_VALUES = 6;

/** Runs the statements of queries behind the read barrier. */
export class ResourceReader {
  private readonly names = new Map<string, string>();
  private readonly indexes: LiveIndexesAtHand;

  constructor(private readonly options: ReaderOptions) {
    this.indexes = new LiveIndexesAtHand(options.pages);
  }

  context(tenantId: string): StatementContext {
    const { barrier, scimBaseUrl } = this.options;
    const headInDatabase = barrier.head === 'same-database';
    return { tenantId, headInDatabase, baseUrl: scimBaseUrl(tenantId), indexes: new Set() };
  }

  /**
   * The rows of a statement that may use what the live generation indexes. When a rebuild took its place meanwhile, the statement is compiled
   * and run anew: rows that the other one does not have would be missed in silence. Errors as `rows`.
   */
  async found<Row extends StateColumns>(
    tenantId: string,
    compile: (context: StatementContext) => CompiledStatement,
  ): Promise<readonly Row[]> {
    for (;;) {
      const { generation, paths } = await this.indexes.of(tenantId);
      const rows = await this.rows<Row>(tenantId, compile({ ...this.context(tenantId), indexes: paths }));
      const isSame = rows[0]?.generation === generation;
      if (!isSame) this.indexes.forget(tenantId);
      if (isSame || paths.size === 0) return rows;
    }
  }

  /** The rows, once they reflect every write acknowledged before. Throws ReadModelBehind, ReadModelParked, QueryTooCostly. */
  async rows<Row extends StateColumns>(tenantId: string, statement: CompiledStatement): Promise<readonly Row[]> {
    const { barrier } = this.options;
    const { rows } = await barrier.read(tenantId, async () => {
      const rows = await this.run<Row>(tenantId, statement);
      return { rows, state: stateOf(rows[0]) };
    });
    return rows;
  }

  private async run<Row extends StateColumns>(tenantId: string, statement: CompiledStatement): Promise<readonly Row[]> {
    const { lookUps, pages, scans } = this.options;
    const { reach, text, values = [] } = statement;
    try {
      if (reach === 'all') return (await scans.query<Row & Record<string, unknown>>(tenantId, { text, values })).rows;
      const name = values.length <= MAX_PREPARED_VALUES ? { name: this.nameOf(text) } : {};
      const database = reach === 'few' ? lookUps : pages;
      return (await database.query<Row & Record<string, unknown>>(tenantId, { ...name, text, values })).rows;
    } catch (error) {
      if (sqlState(error) === QUERY_CANCELED) throw new QueryTooCostly({ cause: error });
      throw error;
    }
  }

  private nameOf(text: string): string {
    const known = this.names.get(text);
    if (known !== undefined) return known;
    const name = `read-${createHash('sha256').update(text).digest('base64url').slice(0, 24)}`;
    this.names.set(text, name);
    return name;
  }
}

const stateOf = (row: StateColumns | undefined): ReadState => ({
  head: row === undefined || row.head === null ? undefined : Number(row.head),
  checkpoint: Number(row?.checkpoint ?? 0),
  parkedEventId: row?.parked_event_id ?? undefined,
});
