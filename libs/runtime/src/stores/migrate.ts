import { accessMigrations } from '#access';
import { encryptionMigrations } from '#encryption';
import { kurrentdbMigrations } from '#event-store-kurrentdb';
import { eventLogMigrations } from '#event-store-postgres';
import { runMigrations, type MigrationClass } from '#postgres';
import { readModelMigrations } from '#read-model';

/** Every step of the schema, of all libraries. */
export const allMigrations: readonly MigrationClass[] = [
  ...eventLogMigrations,
  ...encryptionMigrations,
  ...readModelMigrations,
  ...accessMigrations,
  ...kurrentdbMigrations,
];

/** Brings the whole schema up to date as its owner. Safe to run from several places at once. */
export const migrate = (ownerUrl: string): Promise<void> => runMigrations(ownerUrl, allMigrations);
