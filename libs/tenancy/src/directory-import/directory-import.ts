import type { Decider, Message } from '#event-sourcing';
import { TenancyError } from '../refusal.js';

/** Bringing the users and groups of an export into a tenant: it may be cut off and go on, so its beginning and its end are facts. */
export type DirectoryImportCommand =
  | Message<'BeginDirectoryImport', { exportId: string; tenantId: string }>
  | Message<'EndDirectoryImport', { complete: boolean }>;

export type DirectoryImportEvent =
  /** `tenantId`: where the export was made. */
  | Message<'DirectoryImportBegun', { exportId: string; tenantId: string }>
  /** Not `complete`: an operator gave it up, and what had come stays. */
  | Message<'DirectoryImportEnded', { exportId: string; complete: boolean }>;

export type DirectoryImportState = Readonly<{ status: 'none' } | { status: 'under-way'; exportId: string }>;

const decide = (command: DirectoryImportCommand, state: DirectoryImportState): readonly DirectoryImportEvent[] => {
  switch (command.type) {
    case 'BeginDirectoryImport':
      if (state.status === 'none') return [{ type: 'DirectoryImportBegun', data: command.data }];
      if (state.exportId === command.data.exportId) return []; // it goes on
      throw new TenancyError(
        'import-unfinished',
        `The import of export ${state.exportId} is not finished: run it again to its end, or give it up.`,
      );
    case 'EndDirectoryImport':
      if (state.status === 'none') return [];
      return [{ type: 'DirectoryImportEnded', data: { exportId: state.exportId, complete: command.data.complete } }];
  }
};

const evolve = (state: DirectoryImportState, event: DirectoryImportEvent): DirectoryImportState => {
  switch (event.type) {
    case 'DirectoryImportBegun':
      return { status: 'under-way', exportId: event.data.exportId };
    case 'DirectoryImportEnded':
      return { status: 'none' };
    default:
      event satisfies never;
      return state;
  }
};

/** One import at a time. */
export const directoryImportDecider: Decider<DirectoryImportState, DirectoryImportCommand, DirectoryImportEvent> = {
  initialState: () => ({ status: 'none' }),
  decide,
  evolve,
};
