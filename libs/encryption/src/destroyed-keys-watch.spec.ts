import { expect, it } from '@jest/globals';
import { DestroyedKeysWatch } from './destroyed-keys-watch.js';
import { InMemoryKeyStore } from './in-memory-key-store.js';
import type { DestroyedKeys } from './key-store.js';

it('tells once of each subject and each tenant whose keys any process has destroyed', async () => {
  const store = new InMemoryKeyStore();
  const told: DestroyedKeys[] = [];
  const watch = new DestroyedKeysWatch(store, (keys) => told.push(keys));
  await watch.look();
  await store.deleteSubjectKey('acme', 'u1');
  await watch.look();
  await store.deleteTenant('globex');
  await watch.look();
  await watch.look();
  expect(told).toEqual([
    { tenantId: 'acme', subjectId: 'u1' },
    { tenantId: 'globex', subjectId: undefined },
  ]);
});
