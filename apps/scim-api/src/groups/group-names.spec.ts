import { expect, it } from '@jest/globals';
import { parsePatchRequest, urns } from '#scim';
import { nameGiven } from './group-names.js';

it.each<[string, readonly object[], unknown]>([
  ['by a path', [{ op: 'replace', path: 'displayName', value: 'Tours' }], 'Tours'],
  ['by a path with its schema', [{ op: 'add', path: `${urns.group}:displayname`, value: 'Tours' }], 'Tours'],
  ['C-O8 without a path', [{ op: 'replace', value: { id: '7', displayName: 'Tours' } }], 'Tours'],
  [
    'by the last of several operations',
    [
      { op: 'replace', path: 'displayName', value: 'Sales' },
      { op: 'replace', value: { DISPLAYNAME: 'Tours' } },
      { op: 'add', path: 'externalId', value: '8' },
    ],
    'Tours',
  ],
  ['not by operations on something else', [{ op: 'add', value: { externalId: '8' } }], undefined],
  ['not by a removal', [{ op: 'remove', path: 'displayName' }], undefined],
])('the name of a group is given %s', (_, operations, name) =>
  expect(nameGiven(parsePatchRequest({ schemas: [urns.patchOp], Operations: operations }))).toBe(name),
);
