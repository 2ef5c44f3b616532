import { describe, it } from '@jest/globals';
import { specify } from '#testing';
import { directoryImportDecider, type DirectoryImportEvent } from './directory-import.js';

const directoryImport = specify(directoryImportDecider);
const begin = (exportId: string) => ({ type: 'BeginDirectoryImport', data: { exportId, tenantId: 'there' } }) as const;
const begun: DirectoryImportEvent = { type: 'DirectoryImportBegun', data: { exportId: 'e1', tenantId: 'there' } };
const ended = (complete: boolean): DirectoryImportEvent => ({
  type: 'DirectoryImportEnded',
  data: { exportId: 'e1', complete },
});

describe('an import', () => {
  it('begins', () => directoryImport.given().when(begin('e1')).then(begun));
  it('that was cut off goes on without another beginning', () =>
    directoryImport.given(begun).when(begin('e1')).thenNothing());
  it('keeps another one out until it has ended', () =>
    directoryImport.given(begun).when(begin('e2')).thenRefused('import-unfinished'));
  it('ends, whole or given up', () => {
    directoryImport
      .given(begun)
      .when({ type: 'EndDirectoryImport', data: { complete: true } })
      .then(ended(true));
    directoryImport
      .given(begun)
      .when({ type: 'EndDirectoryImport', data: { complete: false } })
      .then(ended(false));
  });
  it('that is not under way does not end', () =>
    directoryImport
      .given(begun, ended(true))
      .when({ type: 'EndDirectoryImport', data: { complete: false } })
      .thenNothing());
  it('may be followed by another, and by itself', () => {
    directoryImport.given(begun, ended(false)).when(begin('e1')).then(begun);
  });
});
