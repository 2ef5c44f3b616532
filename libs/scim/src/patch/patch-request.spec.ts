import { describe, expect, it } from '@jest/globals';
import { ScimError } from '../messages/scim-error.js';
import { urns } from '../messages/urns.js';
import { parsePatchRequest } from './patch-request.js';

const refusal = (act: () => unknown): Pick<ScimError, 'status' | 'scimType'> => {
  try {
    act();
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
  throw new Error('It was accepted.');
};

describe('RFC 7644 §3.5.2: the PatchOp message', () => {
  it('R84 C-E4 takes op in any case, members in any case, one operation without a list', () =>
    expect(
      parsePatchRequest({
        SCHEMAS: [urns.patchOp.toUpperCase()],
        operations: { Op: 'Replace', Path: 'title', Value: 'T' },
      }),
    ).toEqual([{ op: 'replace', path: 'title', value: 'T' }]));

  it.each([null, '', ' '])('takes the path %j for none', (path) =>
    expect(parsePatchRequest({ schemas: [urns.patchOp], Operations: [{ op: 'add', path, value: {} }] })).toEqual([
      { op: 'add', path: undefined, value: {} },
    ]),
  );

  it.each([
    ['no object', 'x', 'invalidSyntax'],
    ['no schemas', { Operations: [{ op: 'remove', path: 'title' }] }, 'invalidSyntax'],
    ['other schemas', { schemas: [urns.user], Operations: [{ op: 'remove', path: 'title' }] }, 'invalidSyntax'],
    ['no operations', { schemas: [urns.patchOp] }, 'invalidSyntax'],
    ['an empty list', { schemas: [urns.patchOp], Operations: [] }, 'invalidSyntax'],
    ['an unknown op', { schemas: [urns.patchOp], Operations: [{ op: 'move', path: 'title' }] }, 'invalidSyntax'],
    ['an operation that is none', { schemas: [urns.patchOp], Operations: ['remove'] }, 'invalidSyntax'],
    ['a path that is no string', { schemas: [urns.patchOp], Operations: [{ op: 'remove', path: 7 }] }, 'invalidPath'],
    ['add without a value', { schemas: [urns.patchOp], Operations: [{ op: 'add', path: 'title' }] }, 'invalidValue'],
    [
      'too many operations',
      { schemas: [urns.patchOp], Operations: Array.from({ length: 2_001 }, () => ({ op: 'remove', path: 'title' })) },
      'invalidSyntax',
    ],
  ])('R84 refuses a message with %s', (_, body, scimType) =>
    expect(refusal(() => parsePatchRequest(body))).toMatchObject({ status: 400, scimType }),
  );
});
