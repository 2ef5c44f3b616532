import { Command } from 'commander';
import { migrateCommand } from './migrate.js';

/** `rollcall`: what an operator does by hand. */
const program = new Command('rollcall').description('Operates a Rollcall installation.');

program.addCommand(migrateCommand());

program.parseAsync().catch((error: unknown) => {
  console.error(`rollcall: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
