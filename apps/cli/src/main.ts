import { Command } from 'commander';
import { keysCommand } from './keys.js';
import { migrateCommand } from './migrate.js';
import { exportCommand } from './transfer/export.js';
import { importCommand } from './transfer/import.js';

/** `rollcall`: what an operator does by hand. */
const program = new Command('rollcall').description('Operates a Rollcall installation.');

program.addCommand(migrateCommand());
program.addCommand(exportCommand());
program.addCommand(importCommand());
program.addCommand(keysCommand());

program.parseAsync().catch((error: unknown) => {
  console.error(`rollcall: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
