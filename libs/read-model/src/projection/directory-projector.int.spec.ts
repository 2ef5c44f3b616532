import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createStage, created, fill, groupCreated, membersAdded, type Stage } from '../read-model.fixture.js';
import { projectionOverview } from './projection-overview.js';
import { Sweeper } from './sweeper.js';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

const babs = {
  userName: 'BJensen',
  displayName: 'Babs',
  emails: [{ value: 'Babs@Example.com', type: 'work', primary: true }],
};

/** Every row of a generation, in a form that two generations can be compared by. */
const rowsOf = async (tenantId: string, generation: number): Promise<readonly string[]> => {
  const tables = ['read_users', 'read_emails', 'read_groups', 'read_memberships'];
  const rows = await Promise.all(
    tables.map((table) =>
      stage.owner.query<{ row: string }>(
        `SELECT (to_jsonb(t) - 'generation')::text AS row FROM ${table} t WHERE tenant_id = $1 AND generation = $2 ORDER BY 1`,
        [tenantId, generation],
      ),
    ),
  );
  return rows.flatMap((one) => one.rows.map(({ row }) => row));
};

describe('the projection of users and groups', () => {
  it('follows a user through creation, change, suspension, return and deletion', async () => {
    await stage.append('follow', 'user', 'u1', created(babs));
    await stage.project('follow');
    expect(await stage.users.get('follow', 'u1', { groups: true })).toMatchObject({
      attributes: babs,
      active: true,
      revision: 0,
      groups: [],
    });

    const changed = { displayName: 'Barbara', emails: null };
    await stage.append('follow', 'user', 'u1', {
      type: 'UserAttributesChanged',
      data: { changed, paths: Object.keys(changed) },
    });
    await stage.append('follow', 'user', 'u1', { type: 'UserDeactivated', data: {} });
    await stage.project('follow');
    expect(await stage.users.get('follow', 'u1', { groups: false })).toMatchObject({
      attributes: { userName: 'BJensen', displayName: 'Barbara' },
      active: false,
      revision: 2,
      groups: undefined,
    });
    expect(await rowsOf('follow', 1)).toHaveLength(1); // the row in read_emails is gone

    await stage.append('follow', 'user', 'u1', { type: 'UserDeleted', data: {} }, { type: 'UserErased', data: {} });
    await stage.project('follow');
    expect(await stage.users.get('follow', 'u1', { groups: false })).toBeUndefined();
    expect(await rowsOf('follow', 1)).toEqual([]);
  });

  it('R103 a deleted user leaves every group at once, a deleted group leaves its users and the groups it was nested in', async () => {
    for (const id of ['u1', 'u2'])
      await stage.append('leave', 'user', id, created({ userName: id, displayName: `Guide ${id}` }));
    await stage.append('leave', 'group', 'g1', groupCreated('Tour Guides'), membersAdded('u1', 'u2'));
    await stage.append('leave', 'group', 'g2', groupCreated('Everybody'), {
      type: 'GroupMembersAdded',
      data: {
        members: [
          { value: 'g1', type: 'Group' },
          { value: 'u2', type: 'User' },
        ],
      },
    });
    await stage.project('leave');
    expect(await stage.groups.get('leave', 'g2', { members: true })).toMatchObject({
      members: [
        { id: 'g1', kind: 'Group', display: 'Tour Guides' },
        { id: 'u2', kind: 'User', display: 'Guide u2' },
      ],
    });

    await stage.append('leave', 'user', 'u1', { type: 'UserDeleted', data: {} });
    await stage.project('leave');
    expect(await stage.groups.get('leave', 'g1', { members: true })).toMatchObject({ members: [{ id: 'u2' }] });

    await stage.append('leave', 'group', 'g1', { type: 'GroupDeleted', data: {} });
    await stage.project('leave');
    expect(await stage.users.get('leave', 'u2', { groups: true })).toMatchObject({
      groups: [{ id: 'g2', display: 'Everybody' }],
    });
    expect(await stage.groups.get('leave', 'g2', { members: true })).toMatchObject({ members: [{ id: 'u2' }] });

    const sweeper = new Sweeper(stage.tenants);
    expect(await sweeper.sweep('leave')).toBe(true);
    expect(await sweeper.sweep('leave')).toBe(false);
    const { rows } = await stage.owner.query(
      `SELECT DISTINCT group_id FROM read_memberships WHERE tenant_id = 'leave'`,
    );
    expect(rows).toEqual([{ group_id: 'g2' }]);
  });

  it('keeps totals beside the checkpoint', async () => {
    for (const id of ['u1', 'u2', 'u3']) await stage.append('totals', 'user', id, created({ userName: id }));
    await stage.append('totals', 'group', 'g1', groupCreated('A'));
    await stage.project('totals');
    await stage.append('totals', 'user', 'u2', { type: 'UserDeleted', data: {} });
    await stage.append('totals', 'user', 'u4', created({ userName: 'u4' }), { type: 'UserDeleted', data: {} });
    await stage.project('totals');
    expect(await stage.generations.of('totals')).toMatchObject([{ users: 2, groups: 1, sequence: 7 }]);
    expect(await stage.users.find('totals', { startIndex: 1, count: 0 }, { groups: false })).toEqual({
      totalResults: 2,
      resources: [],
    });
  });

  it('moves its checkpoint over claims and control events', async () => {
    await stage.append('other', 'user', 'u1', created(babs));
    await stage.events.append({
      streams: [
        {
          tenantId: 'other',
          streamName: 'control-other',
          expected: 'no-stream',
          events: [
            {
              event: { type: 'TenantRegistered', data: {} },
              metadata: { actor: { kind: 'system', id: 's' }, requestId: '', correlationId: '', txn: '' },
            },
          ],
        },
      ],
      time: new Date(),
    });
    await stage.project('other');
    expect(await stage.generations.of('other')).toMatchObject([{ sequence: 2, users: 1 }]);
  });

  it('two projectors at once apply every event exactly once', async () => {
    await stage.append('race', 'group', 'g', groupCreated('G'));
    for (let n = 0; n < 60; n += 1) await stage.append('race', 'user', `u${n}`, created({ userName: `u${n}` }));
    for (let n = 0; n < 60; n += 2) await stage.append('race', 'user', `u${n}`, { type: 'UserDeleted', data: {} });
    await stage.generations.begin('race');
    const projectors = ['a', 'b', 'c'].map((worker) => stage.newProjector({ worker, batchEvents: 3 }));
    await Promise.all(
      projectors.map(async (projector) => {
        for (;;) {
          const [filling] = await stage.generations.of('race');
          if (filling === undefined || (await projector.read(filling)).length === 0) return;
          await projector.apply(filling, await projector.read(filling));
        }
      }),
    );
    expect(await stage.generations.of('race')).toMatchObject([{ sequence: 91, users: 30, groups: 1 }]);
    expect(await rowsOf('race', 1)).toHaveLength(31);
  });

  it('a batch read before another projector applied it changes nothing', async () => {
    await stage.append('again', 'user', 'u1', created(babs), { type: 'UserDeactivated', data: {} });
    const [filling] = await stage.generations.begin('again');
    if (filling === undefined) throw new Error('no filling');
    const projector = stage.newProjector();
    const events = await projector.read(filling);
    expect(await projector.apply(filling, events)).toMatchObject({ kind: 'applied' });
    const before = await rowsOf('again', 1);
    expect(await projector.apply(filling, events)).toEqual({ kind: 'moved' });
    expect(await rowsOf('again', 1)).toEqual(before);
    expect(await stage.generations.of('again')).toMatchObject([{ users: 1, sequence: 2 }]);
  });

  it('two tenants with the same ids never mix', async () => {
    for (const tenant of ['red', 'blue']) {
      await stage.append(tenant, 'user', 'same', created({ userName: tenant, emails: [{ value: 'x@example.com' }] }));
      await stage.append(tenant, 'group', 'team', groupCreated(tenant), membersAdded('same'));
      await stage.project(tenant);
    }
    await stage.append('red', 'user', 'same', { type: 'UserDeleted', data: {} });
    await stage.project('red');
    expect(await stage.users.get('red', 'same', { groups: true })).toBeUndefined();
    expect(await stage.users.get('blue', 'same', { groups: true })).toMatchObject({
      attributes: { userName: 'blue' },
      groups: [{ id: 'team', display: 'blue' }],
    });
    const { rows } = await stage.pool.query('SELECT FROM read_users');
    expect(rows).toEqual([]); // no tenant named, nothing seen
  });
});

describe('erased subjects', () => {
  it('a rebuild meets events nobody can read any more and goes on', async () => {
    await stage.append('erased', 'user', 'u1', created(babs));
    await stage.append('erased', 'user', 'u1', {
      type: 'UserAttributesChanged',
      data: { changed: { title: 'Guide' }, paths: ['title'] },
    });
    await stage.append('erased', 'user', 'u2', created({ userName: 'u2' }));
    await stage.append('erased', 'user', 'u1', { type: 'UserDeleted', data: {} }, { type: 'UserErased', data: {} });
    stage.sealer.erase('erased', 'u1');
    const projector = stage.newProjector({ batchEvents: 2 }); // the erased user stands for a while without its name
    await stage.project('erased', projector);
    expect(await stage.users.find('erased', { startIndex: 1, count: 10 }, { groups: false })).toMatchObject({
      totalResults: 1,
      resources: [{ id: 'u2' }],
    });
  });
});

describe('a rebuild', () => {
  it('fills another generation byte for byte like the live one, resumes, and switches', async () => {
    for (let n = 0; n < 40; n += 1)
      await stage.append('rebuild', 'user', `u${n}`, created({ ...babs, userName: `u${n}` }));
    await stage.append('rebuild', 'group', 'g', groupCreated('G'), membersAdded('u1', 'u2', 'u3'));
    await stage.append('rebuild', 'user', 'u3', { type: 'UserDeleted', data: {} });
    await stage.append('rebuild', 'user', 'u4', {
      type: 'UserAttributesChanged',
      data: { changed: { title: 'x' }, paths: ['title'] },
    });
    await stage.project('rebuild');

    expect(await stage.generations.rebuild('rebuild')).toBe(2);
    expect(await stage.generations.rebuild('rebuild')).toBe(2); // it is under way
    const [, building] = await stage.generations.of('rebuild');
    if (building === undefined) throw new Error('nothing is being built');
    const projector = stage.newProjector({ batchEvents: 7 });
    await projector.apply(building, await projector.read(building));
    expect(await stage.generations.promote(building)).toBe(false); // not there yet
    expect(await stage.users.find('rebuild', { startIndex: 1, count: 0 }, { groups: false })).toMatchObject({
      totalResults: 39,
    });

    const [, resumed] = await stage.generations.of('rebuild'); // another process goes on where the row says
    if (resumed === undefined) throw new Error('nothing is being built');
    const filled = await fill(projector, resumed);
    expect(await rowsOf('rebuild', 2)).toEqual(await rowsOf('rebuild', 1));
    expect(await stage.generations.promote(filled)).toBe(true);
    expect(await stage.generations.of('rebuild')).toMatchObject([
      { generation: 2, status: 'live', users: 39, groups: 1 },
    ]);

    const sweeper = new Sweeper(stage.tenants);
    while (await sweeper.sweep('rebuild'));
    expect(await rowsOf('rebuild', 1)).toEqual([]);
    expect(await rowsOf('rebuild', 2)).toHaveLength(39 * 2 + 1 + 2);
    const { rows } = await stage.owner.query(
      `SELECT generation FROM projection_generations WHERE tenant_id = 'rebuild'`,
    );
    expect(rows).toEqual([{ generation: 2 }]);
  });
});

describe('the overview for operators', () => {
  it('shows checkpoint, lag and parked event of each tenant', async () => {
    await stage.append('seen', 'user', 'u1', created(babs), { type: 'UserDeactivated', data: {} });
    await stage.project('seen');
    await stage.append('seen', 'user', 'u1', { type: 'UserMerged', data: {} }, { type: 'UserReactivated', data: {} });
    await stage.project('seen');
    const [seen] = (await projectionOverview(stage.generations, stage.log)).filter(({ tenant }) => tenant === 'seen');
    expect(seen).toMatchObject({
      name: 'directory',
      generation: 1,
      status: 'live',
      checkpoint: 2,
      head: 4,
      lagEvents: 2,
      users: 1,
      parked: { sequence: 3, code: 'unknown-event' },
    });
  });
});

describe('a generation that was replaced', () => {
  it('takes no more rows, so that sweeping it ends', async () => {
    await stage.append('replaced', 'user', 'u1', created(babs));
    await stage.project('replaced');
    await stage.generations.rebuild('replaced');
    const [live, building] = await stage.generations.of('replaced');
    if (live === undefined || building === undefined) throw new Error('no rebuild');
    await stage.generations.promote(await fill(stage.newProjector(), building));
    await stage.append('replaced', 'user', 'u2', created({ userName: 'u2' }));
    const projector = stage.newProjector();
    expect(await projector.apply(live, await projector.read(live))).toEqual({ kind: 'moved' });
  });
});

describe('an event that cannot be applied', () => {
  it('parks its tenant at exactly that event, and only that tenant', async () => {
    await stage.append('parked', 'user', 'u1', created({ userName: 'u1' }));
    await stage.append('parked', 'user', 'u2', created({ userName: 'nul \0 in it' }));
    await stage.append('parked', 'user', 'u3', created({ userName: 'u3' }));
    const [filling] = await stage.generations.begin('parked');
    if (filling === undefined) throw new Error('no filling');
    const projector = stage.newProjector();
    const first = await projector.apply(filling, await projector.read(filling));
    if (first.kind !== 'applied') throw new Error(first.kind);
    expect(first.filling.sequence).toBe(1);
    const [bad] = await projector.read(first.filling);
    const second = await projector.apply(first.filling, await projector.read(first.filling));
    expect(second).toMatchObject({
      kind: 'parked',
      event: { eventId: bad?.eventId, sequence: 2, code: 'refused-by-database' },
    });
    expect(await stage.generations.of('parked')).toMatchObject([
      { sequence: 1, parked: { eventId: bad?.eventId, sequence: 2 } },
    ]);

    await stage.showHead('parked');
    await expect(stage.users.find('parked', { startIndex: 1, count: 1 }, { groups: false })).rejects.toMatchObject({
      code: 'read-model-parked',
      eventId: bad?.eventId,
    });
    await stage.append('unharmed', 'user', 'u1', created({ userName: 'u1' }));
    await stage.project('unharmed');
    expect(await stage.users.get('unharmed', 'u1', { groups: false })).toBeDefined();
  });

  it('an event of a user that this release does not know parks, for skipping it would lose a fact', async () => {
    await stage.append('newer', 'user', 'u1', created({ userName: 'u1' }), { type: 'UserMerged', data: {} });
    await stage.project('newer');
    expect(await stage.generations.of('newer')).toMatchObject([
      { sequence: 1, parked: { sequence: 2, code: 'unknown-event' } },
    ]);
  });
});
