import { Command } from 'commander';
import { migrate, settingsOrExit } from '#runtime';

/** `rollcall`: what an operator does by hand. */
const program = new Command('rollcall').description('Operates a Rollcall installation.');

program
  .command('migrate')
  .description('Brings the database schema up to date as its owner; safe to run from several places at once.')
  .action(async () => {
    const { DATABASE_URL } = settingsOrExit('cli');
    if (DATABASE_URL === undefined) throw new Error('DATABASE_URL is required.');
    await migrate(DATABASE_URL);
    console.log('The database schema is up to date.');
  });

program.parseAsync().catch((error: unknown) => {
  console.error(`rollcall: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
