import { Command } from 'commander';
import type { DataSource } from 'typeorm';
import { v7 } from 'uuid';
import { accessEntities, ControlFollower } from '#access';
import { createServiceDataSource } from '#postgres';
import { ProcessCheckpoints } from '#read-model';
import type { Stores } from '#runtime';
import { checkedTenantId, controlStream, TenantRegistry } from '#tenancy';
import { withStores } from '../cli-stores.js';
import { showProgress, type Progress } from '../progress.js';
import { readExport } from './export-files.js';
import { openExport, type OpenedExport } from './export-reader.js';
import { TenantImport } from './tenant-import.js';

interface Options {
  readonly tenant: string;
  readonly in?: string;
  readonly abandon?: true;
}

type ImportOf = (progress?: Progress) => TenantImport;

/** `rollcall import` */
export const importCommand = (): Command =>
  new Command('import')
    .description('Brings an export into a tenant that exists. Cut off, it goes on when it is run again.')
    .requiredOption('--tenant <id>', 'the tenant, under any id')
    .option('--in <file>', 'the export, which is checked as a whole before anything is written; stdin when left out')
    .option('--abandon', 'gives up an import that is not finished; what has come stays')
    .action(({ tenant, in: file, abandon }: Options) => {
      const tenantId = checkedTenantId(tenant);
      return withImport(tenantId, (importOf) =>
        abandon === true ? abandonImport(importOf()) : importTenant(importOf, tenantId, file),
      );
    });

const importTenant = async (importOf: ImportOf, tenantId: string, file: string | undefined): Promise<void> => {
  if (file !== undefined)
    await following(`Checking ${file}`, file, (opened, progress) => importOf(progress).check(opened));
  await following(`Importing into ${tenantId}`, file, async (opened, progress) => {
    const { written, alreadyThere } = await importOf(progress).run(opened);
    const before = alreadyThere === 0 ? '' : ` ${alreadyThere} were there already.`;
    console.error(`The import is complete: ${written} events were written.${before}`);
  });
};

const abandonImport = async (unfinished: TenantImport): Promise<void> => {
  const hadOne = await unfinished.abandon(v7());
  console.error(hadOne ? 'The import is given up; what has come stays.' : 'No import was under way.');
};

const following = async (
  what: string,
  file: string | undefined,
  work: (opened: OpenedExport, progress: Progress) => Promise<void>,
): Promise<void> => {
  const opened = await openExport(await readExport(file));
  const progress = showProgress(what, opened.header.lastSequence);
  try {
    await work(opened, progress);
  } finally {
    progress.end();
  }
};

const withImport = (tenantId: string, work: (importOf: ImportOf) => Promise<void>): Promise<void> =>
  withStores(async (stores, { DATABASE_URL: url }) => {
    const rows = createServiceDataSource({ url, applicationName: 'rollcall-cli', entities: accessEntities, max: 2 });
    await rows.initialize();
    try {
      await work((progress) => importInto(tenantId, stores, rows, progress));
    } finally {
      await rows.destroy();
    }
  });

const importInto = (tenantId: string, stores: Stores, rows: DataSource, progress?: Progress): TenantImport => {
  const now = () => new Date();
  const follower = new ControlFollower(rows, stores.store, new TenantRegistry(stores.store, now), {
    sweepEveryMs: 0,
    actMayLastMs: 0, // it never sweeps: `auth` does
    now,
    onError: () => undefined,
  });
  return new TenantImport(
    {
      stores,
      control: (of, command, metadata) =>
        follower.during(of, () =>
          stores.runner.run(controlStream, { tenantId: of, resourceId: '', command, metadata }),
        ),
      lostMembers: new ProcessCheckpoints(stores.database.pool, 'membership-reaper', `import into ${tenantId}`, 0),
      now,
      advanced: (sequence) => progress?.show(sequence),
    },
    tenantId,
  );
};
