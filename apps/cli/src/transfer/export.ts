import { Command } from 'commander';
import { v7 } from 'uuid';
import { checkedTenantId, controlStream } from '#tenancy';
import type { Stores } from '#runtime';
import { withStores } from '../cli-stores.js';
import { showProgress } from '../progress.js';
import { writeExport } from './export-files.js';
import { definitionsOf } from './own-definitions.js';
import { tenantExport } from './tenant-export.js';

interface Options {
  readonly tenant: string;
  readonly out?: string;
}

/** `rollcall export` */
export const exportCommand = (): Command =>
  new Command('export')
    .description(
      'Writes the users, groups, resources of its own types and history of a tenant as NDJSON. Personal data stands in it in the clear.',
    )
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--out <file>', 'a new file, compressed when it ends in .gz; stdout when left out')
    .action(({ tenant, out }: Options) => withStores((stores) => exportTenant(stores, checkedTenantId(tenant), out)));

const exportTenant = async ({ store, log, runner }: Stores, tenantId: string, out: string | undefined) => {
  const { state } = await runner.read(controlStream, tenantId, '');
  if (state.tenant.status === 'absent') throw new Error(`There is no tenant ${tenantId}.`);
  if (state.tenant.status === 'offboarded') throw new Error(`The tenant ${tenantId} is off-boarded.`);
  const lastSequence = await log.head(tenantId);
  const scope = {
    exportId: v7(),
    tenantId,
    exportedAt: new Date().toISOString(),
    lastSequence,
    ...definitionsOf(state),
  };
  const progress = showProgress(`Exporting ${tenantId}`, lastSequence);
  try {
    await writeExport(
      tenantExport(store, scope, (sequence) => progress.show(sequence)),
      out,
    );
  } finally {
    progress.end();
  }
};
