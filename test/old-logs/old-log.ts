import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { asOwner, BACKED_UP, putRows, rowsOf } from '../e2e/backed-up-tables.js';

/** What a system of that time answered and published, as it said it. */
export interface Told {
  /** SCIM resources by tenant and type; the system's URL stands as `{url}`. */
  readonly resources: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>;
  /** Kafka records by topic, in the order of each tenant. */
  readonly records: Readonly<Record<string, readonly unknown[]>>;
}

/** A log as a release of the past left it, with the keys to it and what that release made of it. */
export interface OldLog {
  readonly masterKey: string;
  /** The schema it stood in: those migrations had run, by name. */
  readonly migrations: readonly string[];
  readonly rows: Readonly<Record<string, readonly string[]>>;
  readonly told: Told;
}

const folderOf = (name: string): string => join(import.meta.dirname, name);

const MIGRATIONS = 'SELECT name FROM schema_migrations ORDER BY id';

/** Reads the tables of a database that nobody writes to. */
export const dumpLog = (url: string): Promise<Pick<OldLog, 'migrations' | 'rows'>> =>
  asOwner(url, async (client) => {
    const { rows: migrations } = await client.query<{ name: string }>(MIGRATIONS);
    const rows: Record<string, readonly string[]> = {};
    for (const table of BACKED_UP) rows[table] = await rowsOf(client, table);
    return { migrations: migrations.map(({ name }) => name), rows };
  });

/** Puts the rows into a database in which the migrations of that time, and no later ones, have run. */
export const putLog = (url: string, { rows }: Pick<OldLog, 'rows'>): Promise<void> =>
  asOwner(url, async (client) => {
    for (const [table, ofTable] of Object.entries(rows)) await putRows(client, table, ofTable);
  });

export const writeOldLog = async (name: string, { told, rows, ...rest }: OldLog): Promise<void> => {
  const lines = Object.entries(rows).flatMap(([table, ofTable]) =>
    ofTable.map((row) => `{"table":"${table}","row":${row}}`),
  );
  const log = join(folderOf(name), 'log.ndjson.gz');
  await mkdir(dirname(log), { recursive: true });
  await writeFile(log, gzipSync(`${[JSON.stringify(rest), ...lines].join('\n')}\n`));
  await writeFile(join(folderOf(name), 'told.json.gz'), gzipSync(`${JSON.stringify(told, null, 1)}\n`));
};

export const readOldLog = async (name: string): Promise<OldLog> => {
  const [log, told] = await Promise.all(
    ['log.ndjson.gz', 'told.json.gz'].map(async (file) =>
      gunzipSync(await readFile(join(folderOf(name), file))).toString('utf8'),
    ),
  );
  const [first = '', ...lines] = (log ?? '').trimEnd().split('\n');
  const rows: Record<string, string[]> = {};
  for (const line of lines) {
    const [, table = '', row = ''] = /^{"table":"(\w+)","row":(.*)}$/s.exec(line) ?? [];
    (rows[table] ??= []).push(row);
  }
  const { masterKey, migrations } = JSON.parse(first) as Pick<OldLog, 'masterKey' | 'migrations'>;
  return { masterKey, migrations, rows, told: JSON.parse(told ?? '') as Told };
};
