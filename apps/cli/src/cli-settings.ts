import { settingsOrExit, type Settings } from '#runtime';

/** The settings of this process, with the database that every command works on. */
export const settingsOfCli = (): Settings & { readonly DATABASE_URL: string } => {
  const settings = settingsOrExit('cli');
  const { DATABASE_URL } = settings;
  if (DATABASE_URL === undefined) throw new Error('DATABASE_URL is required.');
  return { ...settings, DATABASE_URL };
};
