import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { createServiceDataSource, transactionAsTenant } from '#postgres';
import { createStage, created, type Stage } from '../read-model.fixture.js';
import { readModelEntities } from './entities.js';
import { UserRow } from './user-row.js';

let stage: Stage;
let source: DataSource;
beforeAll(async () => {
  stage = await createStage();
  source = createServiceDataSource({
    url: stage.database.ownerUrl,
    applicationName: 'spec',
    entities: readModelEntities,
  });
  await source.initialize();
});
afterAll(async () => {
  await source.destroy();
  await stage.close();
});

describe('the entities', () => {
  it.each(readModelEntities.map((entity) => [entity.name, entity] as const))(
    '%s has the columns that the migration made',
    async (_, entity) => {
      const { tableName, columns } = source.getMetadata(entity);
      const { rows } = await stage.owner.query<{ name: string; nullable: boolean; type: string }>(
        `SELECT column_name AS name, is_nullable = 'YES' AS nullable, data_type AS type FROM information_schema.columns WHERE table_name = $1`,
        [tableName],
      );
      const types: Readonly<Record<string, string>> = {
        int: 'integer',
        float8: 'double precision',
        timestamptz: 'timestamp with time zone',
      };
      const described = columns.map(({ databaseName: name, isNullable: nullable, isArray, type }) => ({
        name,
        nullable,
        type: isArray ? 'ARRAY' : (types[String(type)] ?? String(type)),
      }));
      const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
      expect(described.sort(byName)).toEqual(rows.sort(byName));
    },
  );

  it('show the rows of one tenant only', async () => {
    await stage.append('mine', 'user', 'u1', created({ userName: 'Me' }));
    await stage.project('mine');
    const found = (tenantId: string) => transactionAsTenant(source, tenantId, (manager) => manager.find(UserRow));
    expect(await found('mine')).toMatchObject([
      { tenantId: 'mine', id: 'u1', userName: 'me', attributes: { userName: 'Me' } },
    ]);
    expect(await found('yours')).toEqual([]);
    expect(await source.manager.find(UserRow)).toEqual([]);
  });

  it("every table that holds a tenant's own data is behind the wall, for its owner too", async () => {
    const { rows } = await stage.owner.query<{ relname: string }>(
      `SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE ANY ('{read\\_%,membership\\_%}') AND NOT (relrowsecurity AND relforcerowsecurity)`,
    );
    expect(rows).toEqual([]);
  });
});
