import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { QueryResult, QueryResultRow } from 'pg';
import { TenantDatabase, type Statement, type TenantTransaction } from '#postgres';
import { createStage, created, fill, groupCreated, membersAdded, type Stage } from '../read-model.fixture.js';
import { DirectoryProjector } from './directory-projector.js';

interface Cost {
  readonly text: string;
  /** Of the parameters. */
  readonly bytes: number;
  /** Read or written by the statement, in tables and through indexes. */
  readonly rows: number;
}

/** Notes what is asked of the database, and what that costs there. */
class CountingDatabase extends TenantDatabase {
  readonly costs: Cost[] = [];

  override query<Row extends QueryResultRow>(tenantId: string, statement: Statement): Promise<QueryResult<Row>> {
    return this.transaction(tenantId, async (tx) => {
      const before = await rowsTouched(tx);
      const result = await tx.query<Row>({ text: statement.text, values: statement.values ?? [] });
      const rows = (await rowsTouched(tx)) - before;
      this.costs.push({ text: statement.text, bytes: JSON.stringify(statement.values).length, rows });
      return result;
    });
  }
}

/** Counted by this session since its figures were last gathered. */
const rowsTouched = async (tx: TenantTransaction): Promise<number> => {
  const { rows } = await tx.query<{ rows: string }>({
    text: `SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0) + n_tup_ins + n_tup_upd + n_tup_del) AS rows
      FROM pg_stat_xact_user_tables WHERE relname LIKE 'read_%'`,
  });
  return Number(rows[0]?.rows);
};

const TENANT = 'members';
const sizes = { small: 10, large: 20_000 };

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
  const ids = Array.from({ length: sizes.large }, (_, n) => `u${String(n).padStart(5, '0')}`);
  for (const [group, size] of Object.entries(sizes)) {
    await stage.append(TENANT, 'group', group, groupCreated('A group'));
    for (let n = 0; n < size; n += 500)
      await stage.append(TENANT, 'group', group, membersAdded(...ids.slice(n, Math.min(n + 500, size))));
  }
  for (const id of ['new-1', 'new-2']) await stage.append(TENANT, 'user', id, created({ userName: id }));
  await stage.project(TENANT);
  await stage.owner.query('VACUUM ANALYZE');
}, 60_000);
afterAll(() => stage.close());

/** Applies one more event and says what it cost. */
const costOf = async (group: string, member: string) => {
  const database = new CountingDatabase(stage.pool);
  const options = { worker: 'counting', leaseMs: 1, batchEvents: 100 };
  const projector = new DirectoryProjector(stage.events, database, stage.generations, options);
  await stage.append(TENANT, 'group', group, membersAdded(member));
  const [filling] = await stage.generations.of(TENANT);
  if (filling === undefined) throw new Error('no filling');
  await fill(projector, filling);
  return database.costs;
};

describe('a member of a group of 20,000', () => {
  it('is added by the same statements, bytes and rows as one of a group of 10', async () => {
    const small = await costOf('small', 'new-1');
    const large = await costOf('large', 'new-1');
    expect(small).toHaveLength(2); // the group's row, then everything in one
    for (const [index, cost] of large.entries()) {
      const { text, rows, bytes = 0 } = small[index] ?? {};
      expect(cost).toMatchObject({ text, rows });
      expect(Math.abs(cost.bytes - bytes)).toBeLessThan(20); // the revision has more digits
    }
    for (const { rows } of large) expect(rows).toBeLessThan(10);
  });
});
