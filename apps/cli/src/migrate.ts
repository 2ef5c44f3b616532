import { Command } from 'commander';
import { migrate } from '#runtime';
import { settingsOfCli } from './cli-settings.js';

/** `rollcall migrate` */
export const migrateCommand = (): Command =>
  new Command('migrate')
    .description('Brings the database schema up to date as its owner; safe to run from several places at once.')
    .action(async () => {
      await migrate(settingsOfCli().DATABASE_URL);
      console.log('The database schema is up to date.');
    });
