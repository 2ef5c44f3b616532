import { Command } from 'commander';
import { v7 } from 'uuid';
import { ProcessCheckpoints } from '#read-model';
import type { Stores } from '#runtime';
import { checkedTenantId } from '#tenancy';
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

/** `rollcall import` */
export const importCommand = (): Command =>
  new Command('import')
    .description('Brings an export into a tenant that exists. Cut off, it goes on when it is run again.')
    .requiredOption('--tenant <id>', 'the tenant, under any id')
    .option('--in <file>', 'the export, which is checked as a whole before anything is written; stdin when left out')
    .option('--abandon', 'gives up an import that is not finished; what has come stays')
    .action(({ tenant, in: file, abandon }: Options) =>
      withStores((stores) => {
        const tenantId = checkedTenantId(tenant);
        return abandon === true ? abandonImport(stores, tenantId) : importTenant(stores, tenantId, file);
      }),
    );

const importTenant = async (stores: Stores, tenantId: string, file: string | undefined): Promise<void> => {
  if (file !== undefined)
    await following(`Checking ${file}`, file, (opened, progress) => importOf(stores, tenantId, progress).check(opened));
  await following(`Importing into ${tenantId}`, file, async (opened, progress) => {
    const { written, alreadyThere } = await importOf(stores, tenantId, progress).run(opened);
    const before = alreadyThere === 0 ? '' : ` ${alreadyThere} were there already.`;
    console.error(`The import is complete: ${written} events were written.${before}`);
  });
};

const abandonImport = async (stores: Stores, tenantId: string): Promise<void> => {
  const hadOne = await importOf(stores, tenantId).abandon(v7());
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

const importOf = (stores: Stores, tenantId: string, progress?: Progress): TenantImport => {
  const worker = `import into ${tenantId}`;
  return new TenantImport(
    {
      stores,
      lostMembers: new ProcessCheckpoints(stores.database.pool, 'membership-reaper', worker, 0),
      now: () => new Date(),
      advanced: (sequence) => progress?.show(sequence),
    },
    tenantId,
  );
};
