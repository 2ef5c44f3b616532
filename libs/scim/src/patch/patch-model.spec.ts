import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ScimError } from '../messages/scim-error.js';
import { urns } from '../messages/urns.js';
import { userSchema } from '../schemas/core-schemas.js';
import { parseResource } from '../validation/resource-body.js';
import { sameValue } from '../values/equality.js';
import { isScimObject } from '../values/scim-value.js';
import type { Attributes, ScimObject, ScimValue } from '../values/scim-value.js';
import { parsePatchRequest } from './patch-request.js';
import { applyPatch } from './resource-patch.js';

/**
 * The model knows a title, a name of two parts, a department and e-mails by type, no two of one type. It is as plain as can be: one
 * Map of paths to texts. Operations on it are written down as SCIM in several equivalent forms.
 */
type Model = Map<string, string>;

const department = `${urns.enterpriseUser}:department`;
const singles = fc.constantFrom('title', 'name.givenName', 'name.familyName', department);
const types = fc.constantFrom('work', 'home', 'other');
const text = fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom('a', 'B', 'é', '"', '\\') });
const form = fc.nat(2);

interface Step {
  readonly operation: object;
  readonly apply: (model: Model) => void;
}

const nested = (path: string, value: string | null): object => {
  if (path === department) return { [urns.enterpriseUser]: { department: value } };
  const [name = '', part] = path.split('.');
  return part === undefined ? { [name]: value } : { [name]: { [part]: value } };
};

const assign = fc
  .record({ path: singles, value: text, op: fc.constantFrom('add', 'Replace'), form })
  .map(({ path, value, op, form: written }): Step => ({
    operation:
      [
        { op, path, value },
        { op, value: { [path]: value } },
        { op, value: nested(path, value) },
      ][written] ?? {},
    apply: (model) => model.set(path, value),
  }));

const clear = fc.record({ path: singles, form }).map(({ path, form: written }): Step => ({
  operation:
    [
      { op: 'remove', path },
      { op: 'replace', path, value: '' },
      { op: 'replace', value: nested(path, null) },
    ][written] ?? {},
  apply: (model) => model.delete(path),
}));

const email = (type: string) => `emails.${type}`;

const setEmail = fc
  .record({ type: types, value: text, op: fc.constantFrom('Add', 'replace'), form: fc.nat(1) })
  .map(({ type, value, op, form: written }): Step => {
    const path = `emails[type eq "${type}"].value`;
    return {
      operation: written === 0 ? { op, path, value } : { op, value: { [path]: value } },
      apply: (model) => model.set(email(type), value),
    };
  });

const dropEmail = fc.record({ type: types, form }).map(({ type, form: written }): Step => ({
  operation:
    [
      { op: 'remove', path: `emails[type eq "${type}"]` },
      { op: 'Remove', path: `emails[type eq "${type}"].value` },
      { op: 'remove', path: 'emails', value: [{ type }] },
    ][written] ?? {},
  apply: (model) => model.delete(email(type)),
}));

const replaceEmails = fc
  .uniqueArray(fc.record({ type: types, value: text }), { selector: ({ type }) => type })
  .map((emails): Step => ({
    operation: { op: 'replace', path: 'emails', value: emails },
    apply: (model) => {
      for (const path of [...model.keys()].filter((key) => key.startsWith('emails.'))) model.delete(path);
      for (const { type, value } of emails) model.set(email(type), value);
    },
  }));

const toAttributes = (model: Model): Attributes => {
  const name: Record<string, string> = {};
  const emails: ScimObject[] = [];
  const attributes: Record<string, ScimValue> = { userName: 'bjensen' };
  for (const [path, value] of model) {
    if (path === department) attributes[urns.enterpriseUser] = { department: value };
    else if (path.startsWith('emails.')) emails.push({ type: path.slice('emails.'.length), value });
    else if (path.startsWith('name.')) name[path.slice('name.'.length)] = value;
    else attributes[path] = value;
  }
  return {
    ...attributes,
    ...(Object.keys(name).length > 0 ? { name } : {}),
    ...(emails.length > 0 ? { emails } : {}),
  };
};

const patch = (attributes: Attributes, operations: readonly object[]) =>
  applyPatch(attributes, parsePatchRequest({ schemas: [urns.patchOp], Operations: operations }), userSchema);

describe('RFC 7644 §3.5.2: PATCH against a model', () => {
  const steps = fc.array(fc.oneof(assign, clear, setEmail, dropEmail, replaceEmails), { minLength: 1, maxLength: 12 });

  it('R84-R98 R101 does what the model does, in whatever form it is written, and leaves its input alone', () =>
    fc.assert(
      fc.property(steps, steps, (past, present) => {
        const model: Model = new Map();
        for (const step of past) step.apply(model);
        const before = toAttributes(model);
        const untouched = structuredClone(before);
        for (const step of present) step.apply(model);
        const result = patch(
          before,
          present.map(({ operation }) => operation),
        );
        expect(sameValue(result.attributes, toAttributes(model))).toBe(true);
        expect(result.changed).toBe(!sameValue(before, toAttributes(model)));
        expect(before).toEqual(untouched);
      }),
      { numRuns: 500 },
    ));

  it('R87 one request of many operations ends where many requests of one would', () =>
    fc.assert(
      fc.property(steps, (sequence) => {
        const operations = sequence.map(({ operation }) => operation);
        const oneByOne = operations.reduce<Attributes>(
          (attributes, operation) => patch(attributes, [operation]).attributes,
          { userName: 'a' },
        );
        expect(sameValue(patch({ userName: 'a' }, operations).attributes, oneByOne)).toBe(true);
      }),
    ));

  it('whatever comes in is applied or refused with a ScimError, and what comes out is a valid body', () => {
    const paths = fc.constantFrom(
      ...[
        undefined,
        'emails',
        'emails[type eq "work"]',
        'emails[value pr].primary',
        'roles[primary eq "True"].value',
        'name',
        'userName',
      ],
      ...[
        'active',
        'groups',
        'members',
        'x',
        'emails[',
        urns.enterpriseUser,
        `${urns.enterpriseUser}:manager`,
        'addresses.country',
      ],
    );
    const names = fc.constantFrom(
      'userName',
      'name',
      'emails',
      'value',
      'type',
      'primary',
      'manager',
      urns.enterpriseUser,
      '__proto__',
    );
    const value = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(null, '', 'a', 'True', 1, true, 'work'),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(names, tie('value'), { maxKeys: 3 }),
      ),
    })).value;
    const operation = fc.record({ op: fc.constantFrom('add', 'replace', 'remove'), path: paths, value });
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 4 }), (operations) => {
        let patched: Attributes;
        try {
          patched = patch(
            { userName: 'a', emails: [{ type: 'work', value: 'b', primary: true }] },
            operations,
          ).attributes;
        } catch (error) {
          expect(error).toBeInstanceOf(ScimError);
          return;
        }
        const body = { schemas: [urns.user], ...patched };
        expect(isScimObject(patched) && sameValue(parseResource(body, userSchema), patched)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });
});
