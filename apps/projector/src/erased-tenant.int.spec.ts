import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { controlStreamName, streamName } from '#event-sourcing';
import { createGroup, createScene, createUser, eventually, metadata, type Scene } from './projector.fixture.js';

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});
afterAll(() => scene.close());

/** Ends the tenant, as the control plane does. */
const eraseTenant = (tenantId: string) =>
  scene.log.append({
    streams: [
      {
        ...{ tenantId, streamName: controlStreamName(tenantId), expected: 'no-stream', closes: true },
        events: [{ id: randomUUID(), type: 'TenantErased', schemaVersion: 1, data: {}, metadata, time: new Date() }],
      },
    ],
  });

const rows = async (tenantId: string): Promise<number> => {
  const { rows: found } = await scene.tenants.query<{ count: number }>(tenantId, {
    text: `SELECT ((SELECT count(*) FROM read_users) + (SELECT count(*) FROM read_groups) + (SELECT count(*) FROM read_memberships))::int AS count`,
  });
  return found[0]?.count ?? 0;
};
const reaches = (tenantId: string) => async () => {
  const [filling, ...others] = await scene.generations.of(tenantId);
  return others.length === 0 && filling?.sequence === (await scene.log.head(tenantId));
};

it('an erased tenant loses its rows, keeps its place in the log, and shows nothing that still comes; others stay whole', async () => {
  const { projector } = scene.projector();
  projector.start();
  for (const tenantId of ['ending', 'staying']) {
    for (let n = 0; n < 20; n += 1) await scene.user(tenantId, `u${n}`, createUser(`u${n}`));
    await scene.group(tenantId, 'g', createGroup('All', 'u1', 'u2'));
    await eventually(reaches(tenantId), 30_000);
    expect(await rows(tenantId)).toBe(23);
  }
  await eraseTenant('ending');
  await eventually(async () => (await rows('ending')) === 0, 30_000);
  await scene.user('ending', 'late', createUser('late')); // a write that was under way
  await eventually(reaches('ending'), 30_000);
  expect(await rows('ending')).toBe(0);
  expect(await scene.generations.of('ending')).toMatchObject([{ status: 'live', ended: true, users: 0, groups: 0 }]);

  await scene.generations.rebuild('ending');
  await eventually(reaches('ending'), 30_000);
  await eventually(async () => (await rows('ending')) === 0, 30_000);
  expect(await rows('staying')).toBe(23);
  await projector.stop();
}, 120_000);

it('a tenant that stands parked at an event is erased all the same', async () => {
  const { projector } = scene.projector({ retryParkedMs: 50 });
  projector.start();
  await scene.user('stuck', 'u1', createUser('u1'));
  await scene.log.append({
    streams: [
      {
        ...{ tenantId: 'stuck', streamName: streamName('user', 'stuck', 'u2'), expected: 'no-stream' },
        events: [{ id: randomUUID(), type: 'UserMerged', schemaVersion: 1, data: {}, metadata, time: new Date() }],
      },
    ],
  });
  await eventually(async () => (await scene.generations.of('stuck'))[0]?.parked !== undefined, 30_000);
  expect(await rows('stuck')).toBe(1);
  await eraseTenant('stuck');
  await eventually(async () => (await rows('stuck')) === 0, 30_000);
  await eventually(reaches('stuck'), 30_000);
  await projector.stop();
}, 120_000);
