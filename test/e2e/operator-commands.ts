import type { RunningSystem } from './running-system.js';
import { ServiceProcess } from './service-process.js';

/** A `rollcall` command on the stores of a system, begun. */
export const beginCommand = (
  system: Pick<RunningSystem, 'ownerDatabaseUrl' | 'masterKey'>,
  args: readonly string[],
): ServiceProcess => {
  const command = new ServiceProcess('cli', { DATABASE_URL: system.ownerDatabaseUrl, MASTER_KEY: system.masterKey });
  command.start(args);
  return command;
};

/** Runs one to its end; returns what it printed. Throws with that when it failed. */
export const rollcall = async (
  system: Pick<RunningSystem, 'ownerDatabaseUrl' | 'masterKey'>,
  ...args: readonly string[]
): Promise<string> => {
  const command = beginCommand(system, args);
  await command.finished();
  return command.output;
};
