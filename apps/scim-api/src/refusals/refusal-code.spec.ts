import { expect, it } from '@jest/globals';
import { AccessDenied } from '#access';
import { ClaimTaken, DomainError } from '#event-sourcing';
import { invalidValue, ScimError } from '#scim';
import { PreconditionFailed } from '../edge/preconditions.js';
import { refusalCode } from './refusal-code.js';

const withCode = (code: unknown) => Object.assign(new Error('x'), { code });

it.each([
  ['a rule of the domain', new DomainError('unknown-member', 'x'), 400, 'unknown-member'],
  ['a value that is taken', new ClaimTaken('username'), 409, 'claim-taken'],
  ['a keyword of SCIM', invalidValue('x'), 400, 'invalidValue'],
  ['a status without one', new ScimError(404, undefined, 'x'), 404, 'not-found'],
  ['a version that is gone', new PreconditionFailed(), 412, 'precondition-failed'],
  ['a bad credential', new AccessDenied('x', { status: 401 }), 401, 'unauthorized'],
  ['a rate', new AccessDenied('x', { status: 429 }), 429, 'too-many-requests'],
  ['the database', withCode('57P01'), 503, '57P01'],
  ['a code that is a sentence', withCode('bjensen@example.com is taken'), 500, 'failed'],
  ['what is no error', 'bjensen', 500, 'failed'],
  ['an unknown status', undefined, 418, 'refused'],
])('says why in a word: %s', (_name, error, status, code) => expect(refusalCode(error, status)).toBe(code));
