import { EventLogUnavailable } from '#event-sourcing';
import type { KurrentServer } from './kurrent-client.js';

/** What the adapter does differently from one server to the next. */
export interface ServerFeatures {
  /** An append may check streams that it does not write (`appendRecords`, from 26.1). */
  readonly checksOtherStreams: boolean;
}

const OLDEST = [25, 1, 1] as const;
const CHECKS_FROM = [26, 1, 0] as const;

/** Returns what the server can do. Throws EventLogUnavailable, and says why, for a server that must not be used. */
export const featuresOf = (version: string): ServerFeatures => {
  const parts = /^(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
  if (parts === undefined)
    throw new EventLogUnavailable(
      `The server behind KURRENTDB_URL tells no version ('${version}'); KurrentDB ${OLDEST.join('.')} or later is needed.`,
    );
  if (isBefore(parts, OLDEST))
    throw new EventLogUnavailable(
      `KurrentDB ${version} is too old: ${OLDEST.join('.')} or later is needed. Appends to several streams came with 25.1.0, which ` +
        'may return wrong revisions (KurrentDB #5362).',
    );
  return { checksOtherStreams: !isBefore(parts, CHECKS_FROM) };
};

/** Asks until a server has answered that may be used, then never again. Throws EventLogUnavailable. */
export const askOnce = (server: KurrentServer): (() => Promise<ServerFeatures>) => {
  let known: ServerFeatures | undefined;
  return async () => {
    known ??= featuresOf(await version(server));
    return known;
  };
};

const version = async (server: KurrentServer): Promise<string> => {
  try {
    return await server.version();
  } catch (error) {
    throw new EventLogUnavailable('KurrentDB does not answer.', { cause: error });
  }
};

const isBefore = (version: readonly number[], other: readonly number[]): boolean => {
  const at = other.findIndex((part, index) => part !== version[index]);
  return at >= 0 && (version[at] ?? 0) < (other[at] ?? 0);
};
