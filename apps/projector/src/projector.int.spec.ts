import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { parseFilter, resolveFilter, userSchema } from '#scim';
import { createGroup, createScene, createUser, eventually, metadata, type Scene } from './projector.fixture.js';

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});
afterAll(() => scene.close());

const userNameIs = (name: string) => resolveFilter(parseFilter(`userName eq "${name}"`), userSchema);
const page = { startIndex: 1, count: 1000 };

describe('read your writes', () => {
  it('1,000 writes, each read at once, while others write and a projector elsewhere keeps up', async () => {
    const { projector } = scene.projector();
    projector.start();
    const { users } = scene.queries();
    let loading = true;
    const load = (async () => {
      for (let n = 0; loading; n += 1) await scene.user('load', `bystander-${n}`, createUser(`bystander-${n}`));
    })();
    const writers = Array.from({ length: 10 }, async (_, writer) => {
      for (let n = 0; n < 50; n += 1) {
        const id = `u-${writer}-${n}`;
        await scene.user('load', id, createUser(id));
        expect(await users.get('load', id, { groups: false })).toMatchObject({ id, active: true });
        await scene.user('load', id, { type: 'DeleteUser', data: {} });
        const gone = await users.find('load', { ...page, filter: userNameIs(id) }, { groups: false });
        expect(gone.totalResults).toBe(0);
      }
    });
    await Promise.all(writers);
    loading = false;
    await load;
    await projector.stop();
  }, 60_000);

  it('without a projector an answer is refused, never stale', async () => {
    await scene.user('alone', 'u1', createUser('u1'));
    const { users } = scene.queries(undefined, 50);
    await expect(users.get('alone', 'u1', { groups: false })).rejects.toMatchObject({ code: 'read-model-behind' });
  });

  it('a tenant that never wrote has no users, and nobody waits', async () => {
    const { users } = scene.queries(undefined, 0);
    expect(await users.find('silent', page, { groups: false })).toEqual({ totalResults: 0, resources: [] });
  });
});

describe('several projectors', () => {
  it('apply every event of every tenant once, and take over from one that stops', async () => {
    const tenants = Array.from({ length: 6 }, (_, n) => `shared-${n}`);
    const [first, second] = [scene.projector({ batchEvents: 5 }), scene.projector({ batchEvents: 5 })];
    first.projector.start();
    second.projector.start();
    const write = (from: number, to: number) =>
      Promise.all(
        tenants.map(async (tenantId) => {
          for (let n = from; n < to; n += 1) await scene.user(tenantId, `u${n}`, createUser(`${tenantId}-${n}`));
        }),
      );
    await write(0, 20);
    const stopping = first.projector.stop();
    await write(20, 40);
    await stopping;
    for (const tenantId of tenants) {
      const { totalResults, resources } = await scene.queries().users.find(tenantId, page, { groups: false });
      expect(totalResults).toBe(40);
      const names = resources.map(({ attributes }) => attributes['userName']);
      expect(new Set(names)).toEqual(new Set(Array.from({ length: 40 }, (_, n) => `${tenantId}-${n}`)));
    }
    await second.projector.stop();
  }, 30_000);
});

describe('a projector', () => {
  it('polls: it needs no wake-up', async () => {
    const deaf = scene.opened();
    deaf.log.subscribe = async () => ({ close: async () => undefined });
    const { projector, metrics } = scene.projector({ pollMs: 20 }, deaf);
    projector.start();
    await scene.user('deaf', 'u1', createUser('u1'));
    await eventually(async () => (await scene.generations.of('deaf'))[0]?.users === 1);
    expect(() => projector.check()).not.toThrow();
    expect((await metrics.events.get()).values[0]?.value).toBeGreaterThanOrEqual(2);
    await projector.stop();
  });

  it('tells queries of its own process at once', async () => {
    const { projector, signal, side } = scene.projector();
    const moved: number[] = [];
    signal.onMoved((tenantId, sequence) => {
      if (tenantId === 'signal') moved.push(sequence);
    });
    projector.start();
    const { users } = side.queries(signal);
    await side.user('signal', 'u1', createUser('u1'));
    expect(await users.get('signal', 'u1', { groups: false })).toBeDefined();
    expect(moved.at(-1)).toBe(2);
    await projector.stop();
  });

  it('rebuilds beside the live read model, which goes on serving, and sweeps what it replaced', async () => {
    const { projector } = scene.projector({ batchEvents: 10, pollMs: 20 });
    projector.start();
    for (let n = 0; n < 30; n += 1) await scene.user('again', `u${n}`, createUser(`u${n}`));
    await scene.generations.rebuild('again');
    const { users } = scene.queries();
    for (let n = 30; n < 60; n += 1) {
      await scene.user('again', `u${n}`, createUser(`u${n}`));
      expect((await users.find('again', { ...page, count: 0 }, { groups: false })).totalResults).toBe(n + 1);
    }
    await eventually(async () => {
      const [live, ...others] = await scene.generations.of('again');
      return live?.generation === 2 && live.status === 'live' && others.length === 0;
    });
    expect((await users.find('again', page, { groups: false })).resources).toHaveLength(60);
    await eventually(async () => {
      const { rows } = await scene.pool.query(`SELECT FROM projection_generations WHERE tenant_id = 'again'`);
      return rows.length === 1;
    });
    await projector.stop();
  }, 30_000);

  it('sweeps what a projector that died had left, of a tenant to whom nothing happens any more', async () => {
    const { projector: first } = scene.projector({ pollMs: 20 });
    first.start();
    await scene.user('swept', 'u1', createUser('u1'));
    await eventually(async () => (await scene.generations.of('swept'))[0]?.users === 1);
    await first.stop();
    const owner = new pg.Client({ connectionString: scene.database.ownerUrl });
    await owner.connect();
    const left = async () => (await owner.query(`SELECT FROM read_memberships WHERE tenant_id = 'swept'`)).rowCount;
    await owner.query(`INSERT INTO membership_sweeps (tenant_id, generation, group_id) VALUES ('swept', 1, 'g')`);
    await owner.query(
      `INSERT INTO read_memberships (tenant_id, generation, group_id, member_id, member_type) VALUES ('swept', 1, 'g', 'u1', 'User')`,
    );
    expect(await left()).toBe(1);
    const { projector: second } = scene.projector({ pollMs: 20 });
    second.start();
    await eventually(async () => (await left()) === 0);
    await second.stop();
    await owner.end();
  });

  it('rebuilds when the tenant wants other attributes indexed, also when it was the work of a projector that died', async () => {
    const { projector } = scene.projector({ pollMs: 20 });
    projector.start();
    await scene.control('wants', { type: 'CreateTenant', data: { tenantId: 'wants', displayName: 'Wants' } });
    await scene.user('wants', 'u1', createUser('u1'));
    const live = async () => (await scene.generations.of('wants')).find(({ status }) => status === 'live');
    const change = (...indexedAttributes: readonly string[]) =>
      scene.control('wants', { type: 'ChangeTenant', data: { settings: { indexedAttributes } } });
    await change('TITLE', 'phoneNumbers.value');
    await eventually(async () => (await live())?.indexes.join() === 'phoneNumbers.value,title');
    await change();
    await eventually(async () => (await live())?.indexes.length === 0);
    await projector.stop();
    await scene.pool.query(`UPDATE projection_generations SET wanted_indexes = '{title}' WHERE tenant_id = 'wants'`);
    const other = scene.projector({ pollMs: 20 });
    other.projector.start();
    await eventually(async () =>
      (await scene.generations.of('wants')).some(({ indexes }) => indexes.join() === 'title'),
    );
    await other.projector.stop();
  }, 60_000);

  it('parks one tenant, says so, and goes on with the others', async () => {
    const { projector, metrics, side } = scene.projector({ pollMs: 20, retryParkedMs: 20 });
    projector.start();
    await scene.user('bad', 'u1', createUser('u1'));
    await scene.store.append({
      streams: [
        {
          tenantId: 'bad',
          streamName: 'user-bad+u1',
          expected: 'any',
          events: [
            {
              event: { type: 'UserAttributesChanged', data: { changed: { title: 'nul \0 in it' }, paths: [] } },
              metadata,
            },
          ],
        },
      ],
      time: new Date(),
    });
    await scene.user('good', 'u1', createUser('u1'));
    expect(await scene.queries().users.get('good', 'u1', { groups: false })).toBeDefined();
    await eventually(async () => (await scene.generations.of('bad'))[0]?.parked !== undefined);
    await eventually(async () => ((await metrics.parkedTenants.get()).values[0]?.value ?? 0) === 1);
    const [filling] = await scene.generations.of('bad');
    await expect(scene.queries().users.find('bad', page, { groups: false })).rejects.toMatchObject({
      code: 'read-model-parked',
      eventId: filling?.parked?.eventId,
    });
    const said = side.logged.filter(({ level }) => level === 'error');
    expect(said).toHaveLength(1); // once, however often it is tried again
    expect(said[0]?.fields).toMatchObject({ tenantId: 'bad', eventId: filling?.parked?.eventId });
    await projector.stop();
  });
});

describe('R103 the membership reaper', () => {
  it('records the loss in every group, with its cause, and only once with two of them at work', async () => {
    const [first, second] = [scene.projector(), scene.projector()];
    for (const { projector, reaper } of [first, second]) {
      projector.start();
      reaper.start();
    }
    await scene.user('loss', 'u1', createUser('u1'));
    await scene.user('loss', 'u2', createUser('u2'));
    for (const id of ['g1', 'g2', 'g3']) await scene.group('loss', id, createGroup(id, 'u1', 'u2'));
    await scene.group('loss', 'outer', createGroup('outer', 'g3'));
    await scene.user('loss', 'u1', { type: 'DeleteUser', data: {} });
    await scene.group('loss', 'g3', { type: 'DeleteGroup', data: {} });
    await eventually(
      async () =>
        (await scene.edges.dangling('loss', 'u1', 10)).length +
          (await scene.edges.dangling('loss', 'g3', 10)).length ===
        0,
    );

    const { groups } = scene.queries();
    expect(await groups.get('loss', 'g1', { members: true })).toMatchObject({ members: [{ id: 'u2' }], revision: 2 });
    const events = await scene.log.readTenant('loss', 0, 100);
    const deleted = new Map(
      events.filter(({ type }) => type.endsWith('Deleted')).map((event) => [event.streamName, event.id]),
    );
    const losses = events.filter(({ type }) => type === 'GroupMembersRemoved');
    expect(losses.map(({ streamName, data }) => [streamName, data['members']])).toEqual(
      expect.arrayContaining([
        ['group-loss+g1', ['u1']],
        ['group-loss+g2', ['u1']],
        ['group-loss+outer', ['g3']],
      ]),
    );
    const ofG3 = losses.filter(({ streamName }) => streamName === 'group-loss+g3');
    expect(losses).toHaveLength(3 + ofG3.length); // g3 may have lost u1 before it went itself
    const cause = deleted.get('user-loss+u1');
    const one = losses.find(({ streamName }) => streamName === 'group-loss+g1');
    expect(one?.data['cause']).toEqual({ kind: 'member-deleted', eventId: cause });
    expect(one?.metadata).toMatchObject({
      actor: { kind: 'system', id: 'membership-reaper' },
      causationId: cause,
      correlationId: 'correlation-1',
    });
    await Promise.all([first, second].flatMap(({ projector, reaper }) => [projector.stop(), reaper.stop()]));
  }, 30_000);
});
