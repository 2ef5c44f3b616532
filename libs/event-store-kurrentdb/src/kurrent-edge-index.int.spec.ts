import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { EdgeChange } from '#event-sourcing';
import { PostgresEdgeIndex } from '#event-store-postgres';
import { edgeWrite, InMemoryKurrentServer, newTenant } from '#testing';
import { KurrentEdgeIndex, type KurrentEventLog } from './index.js';
import { kurrentLogOn } from './kurrent-log.fixture.js';

describe('the edge index beside a log in KurrentDB', () => {
  const server = new InMemoryKurrentServer();
  let made: Awaited<ReturnType<typeof kurrentLogOn>>;
  beforeAll(async () => {
    made = await kurrentLogOn(server);
  });
  afterAll(() => made.close());

  /** Another process on the same database, which follows only when it is asked. */
  const another = () =>
    new KurrentEdgeIndex(made.log as KurrentEventLog, made.database, new PostgresEdgeIndex(made.database.pool));
  const add = (source: string, ...ids: readonly string[]): EdgeChange => ({
    kind: 'added',
    source,
    targets: ids.map((id) => ({ id, kind: 'User' })),
  });
  const remove = (source: string, ...targetIds: readonly string[]): EdgeChange => ({
    kind: 'removed',
    source,
    targetIds,
  });
  const ids = async (index: KurrentEdgeIndex, tenantId: string, source: string) =>
    (await index.targets(tenantId, source, { limit: 10_000 })).targets.map(({ id }) => id);

  it('knows in every process what was acknowledged before the question', async () => {
    const t = newTenant();
    const processes = [another(), another()] as const;
    for (let n = 0; n < 30; n += 1) {
      await made.log.append({ streams: [edgeWrite(t, 'g', add('g', `u-${n}`))] });
      for (const one of processes) expect(await one.among(t, 'g', [`u-${n}`])).toEqual(new Set([`u-${n}`]));
    }
  });

  it('applies each event once when many processes follow at the same time', async () => {
    const t = newTenant();
    const expected = new Set<string>();
    for (let n = 0; n < 40; n += 1) {
      await made.log.append({
        streams: [edgeWrite(t, 'g', add('g', `u-${n}`), ...(n % 3 === 0 ? [remove('g', `u-${n}`)] : []))],
      });
      if (n % 3 !== 0) expected.add(`u-${n}`);
    }
    const answers = await Promise.all(Array.from({ length: 12 }, () => ids(another(), t, 'g')));
    for (const answer of answers) expect(new Set(answer)).toEqual(expected);
    const past = await made.database.query<{ count: string }>(t, {
      text: 'SELECT count(*) FROM past_edges WHERE tenant_id = $1',
      values: [t],
    });
    expect(Number(past.rows[0]?.count)).toBe(14);
  });

  it('is filled anew from the log when its rows and positions are lost', async () => {
    const t = newTenant();
    const change = edgeWrite(t, 'g', add('g', 'u1', 'u2', 'u3'), remove('g', 'u2'), add('g', 'u4'));
    await made.log.append({ streams: [change] });
    await made.log.append({ streams: [edgeWrite(t, 'u4', { kind: 'target-gone', targetId: 'u4' })] });
    const before = await ids(another(), t, 'g');
    const owner = new pg.Client({ connectionString: made.ownerUrl });
    await owner.connect();
    await owner.query('TRUNCATE edges, past_edges, gone_sources, kurrentdb_edge_positions'); // as docs/kurrentdb.md says
    await owner.end();
    expect(await ids(another(), t, 'g')).toEqual(before);
    expect(before).toEqual(['u1', 'u3']);
  });

  it('reads only the events that change edges', async () => {
    const t = newTenant();
    const plain = Array.from({ length: 50 }, (_, n) => ({ ...edgeWrite(t, `user-${n}`, add('x')), closes: false }));
    for (const one of plain)
      await made.log.append({ streams: [{ ...one, events: one.events.map(({ edges: _, ...event }) => event) }] });
    await made.log.append({ streams: [edgeWrite(t, 'g', add('g', 'u1'))] });
    const index = another();
    const before = server.reads;
    expect(await ids(index, t, 'g')).toEqual(['u1']);
    expect(server.reads - before).toBe(3); // the head, its entries, the one stream
  });

  it('shows the position of a tenant to that tenant only', async () => {
    const t = newTenant();
    await made.log.append({ streams: [edgeWrite(t, 'g', add('g', 'u1'))] });
    await ids(another(), t, 'g');
    const { rows } = await made.database.query(newTenant(), { text: 'SELECT * FROM kurrentdb_edge_positions' });
    expect(rows).toEqual([]);
  });
});
