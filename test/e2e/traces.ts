import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import type pg from 'pg';
import { createLogger, loadSettings, openStores } from '#runtime';

/** Looks for what is left of somebody, given words that stand nowhere else. */
export class Traces {
  private readonly forms: readonly Buffer[];

  constructor(words: readonly string[]) {
    // As text, in the case it was written and folded, and as SQL shows bytes.
    const texts = words.flatMap((word) => [word, word.toLowerCase()]);
    this.forms = [...texts, ...texts.map((text) => Buffer.from(text).toString('hex'))].map((text) => Buffer.from(text));
  }

  /** The words that stand in it. */
  in(where: string | Uint8Array): readonly string[] {
    const bytes = Buffer.from(where);
    return this.forms.filter((form) => bytes.includes(form)).map(String);
  }

  /** Every column of every row of every table, and what the planner remembers of them; as `table: words`. */
  async inTables(owner: pg.Client): Promise<readonly string[]> {
    const { rows: tables } = await owner.query<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
        WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
        UNION ALL SELECT 'pg_stats'`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const { rows } = await owner.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      const words = this.in(rows.map(({ row }) => row).join('\n'));
      if (words.length > 0) found.push(`${name}: ${words.join(' ')}`);
    }
    return found;
  }

  /** What is really in the files of the database, once rows that are gone are vacuumed away; the WAL is no part of it. */
  async inFiles(superuser: pg.Client): Promise<readonly string[]> {
    await superuser.query('VACUUM FULL');
    return this.inFilesAsTheyAre(superuser);
  }

  async inFilesAsTheyAre(superuser: pg.Client): Promise<readonly string[]> {
    await superuser.query('CHECKPOINT');
    const { rows } = await superuser.query<{ directory: string }>(
      `SELECT current_setting('data_directory') || '/base/' || oid AS directory FROM pg_database WHERE datname = current_database()`,
    );
    const directory = rows[0]?.directory ?? '';
    const found: string[] = [];
    for (const name of await readdir(directory)) {
      const words = this.in(await readFile(join(directory, name)));
      if (words.length > 0) found.push(`${name}: ${words.join(' ')}`);
    }
    return found;
  }

  /** The events of a tenant, opened with every key there is. */
  async inLog(system: { ownerDatabaseUrl: string; masterKey: string }, tenantId: string): Promise<readonly string[]> {
    const options = { databaseUrl: system.ownerDatabaseUrl, masterKey: system.masterKey, service: 'traces' };
    const stores = openStores(loadSettings({}, 'standalone'), options, createLogger('silent', 'test'));
    try {
      return this.in(JSON.stringify(await stores.store.readTenant(tenantId, 0, 100_000)));
    } finally {
      await stores.close();
    }
  }
}

/** Lets the broker compact a topic as soon as it can, as it would within `max.compaction.lag.ms`. */
export const hastenCompaction = async (
  system: { kafkaBrokers: readonly string[]; topicPrefix: string },
  topic: string,
): Promise<void> => {
  const kafka = new Kafka({ clientId: 'test', brokers: [...system.kafkaBrokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const settings = {
      'cleanup.policy': 'compact',
      'segment.ms': '200',
      'min.cleanable.dirty.ratio': '0',
      'min.compaction.lag.ms': '0',
      'max.compaction.lag.ms': '1',
      'delete.retention.ms': '0',
    };
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    const name = `${system.topicPrefix}.${topic}`;
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name, configEntries }],
    });
  } finally {
    await admin.disconnect();
  }
};
