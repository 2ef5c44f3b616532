import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { EntitySchema, type DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '#testing';
import {
  createServiceDataSource,
  tenantWall,
  transactionAsTenant,
  type Migration,
  type MigrationRunner,
} from './index.js';

class CreateNotes1700000000001 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query('CREATE TABLE notes (tenant_id text, id int, PRIMARY KEY (tenant_id, id))');
    for (const statement of tenantWall('notes')) await runner.query(statement);
    await runner.query('GRANT SELECT, INSERT ON notes TO rollcall_service');
  }
  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE notes');
  }
}

interface Note {
  tenantId: string;
  id: number;
}
const Note = new EntitySchema<Note>({
  name: 'Note',
  tableName: 'notes',
  columns: { tenantId: { name: 'tenant_id', type: 'text', primary: true }, id: { type: 'int', primary: true } },
});

let database: TestDatabase;
let source: DataSource;
beforeAll(async () => {
  database = await createTestDatabase([CreateNotes1700000000001]);
  source = createServiceDataSource({ url: database.ownerUrl, entities: [Note], applicationName: 'test', max: 1 });
  await source.initialize();
});
afterAll(async () => {
  await source.destroy();
  await database.drop();
});

it('entities are written and read for one tenant, and for none outside of its transaction', async () => {
  for (const tenantId of ['acme', 'globex'])
    await transactionAsTenant(source, tenantId, (manager) => manager.insert(Note, { tenantId, id: 1 }));
  expect(await transactionAsTenant(source, 'acme', (manager) => manager.find(Note))).toEqual([
    { tenantId: 'acme', id: 1 },
  ]);
  expect(await source.manager.find(Note)).toEqual([]);
  const foreign = transactionAsTenant(source, 'acme', (manager) => manager.insert(Note, { tenantId: 'globex', id: 2 }));
  await expect(foreign).rejects.toThrow(/row-level security/);
});
