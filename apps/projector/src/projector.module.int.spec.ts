import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { Registry } from 'prom-client';
import { EventStore } from '#event-sourcing';
import { Health, createLogger, RuntimeModule, loadSettings, StoresModule } from '#runtime';
import { createScene, createUser, eventually, type Scene } from './projector.fixture.js';
import { ProjectorModule } from './projector.module.js';

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});
afterAll(() => scene.close());

it('starts with its application, is ready, shows metrics, and lets go when the application ends', async () => {
  const side = scene.opened();
  const stores = { database: side.tenants, log: side.log, edges: side.edges, store: side.store, runner: side.runner };
  const settings = loadSettings({}, 'standalone');
  const module = await Test.createTestingModule({
    imports: [
      RuntimeModule.register(settings, createLogger('silent', 'projector')),
      StoresModule.register({ ...stores, sealer: scene.sealer } as unknown as Parameters<
        typeof StoresModule.register
      >[0]),
      ProjectorModule.register({ worker: 'spec', database: side.tenants }),
    ],
  }).compile();
  await module.init();
  expect(module.get(EventStore)).toBe(side.store);
  await scene.user('booted', 'u1', createUser('u1'));
  await eventually(async () => (await scene.generations.of('booted'))[0]?.users === 1);
  await eventually(async () => (await module.get(Health).ready()).status === 'ok');
  const metrics = await module.get(Registry).metrics();
  for (const name of ['events_total', 'lag_events', 'lag_seconds', 'parked_tenants'])
    expect(metrics).toContain(`projection_${name}`);
  await module.close();
  expect((await scene.generations.of('booted'))[0]?.leasedBy).toBeUndefined();
});
