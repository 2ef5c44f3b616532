import { setFlagsFromString } from 'node:v8';
import { createContext, runInContext, runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import {
  applyDiff,
  applyPatch,
  applyUserPatch,
  buildResource,
  diffAttributes,
  groupSchema,
  matches,
  parseFilter,
  parseGroup,
  parsePatchPath,
  parsePatchRequest,
  parseProjection,
  parseResource,
  parseUser,
  profileNames,
  profiles,
  project,
  resolveFilter,
  sameValue,
  ScimError,
  splitGroupPatch,
  strictnessOf,
  urns,
  userSchema,
  type Attributes,
  type ResourceSchema,
} from '#scim';
import { corpus } from './corpus.js';
import { fuzzing, round } from './fuzz-settings.js';
import { mutatedJson, mutatedText } from './mutations.js';

jest.setTimeout(60_000 + fuzzing.seconds * 1_000);

const SHARES = 4;
const context = createContext({ act: undefined });

/** Runs `act`; undefined where it refuses with a ScimError. Throws any other error, and for a hang. */
const answered = <T>(act: () => T): T | undefined => {
  try {
    context['act'] = act;
    return runInContext('act()', context, { timeout: fuzzing.hangMs }) as T;
  } catch (error) {
    if (error instanceof ScimError) {
      expect([error.status, error.detail.length < 2_000]).toEqual([400, true]);
      return undefined;
    }
    throw error;
  }
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in use once garbage is collected. */
const heapInUse = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

const [oktaUser, entraUser, , , group] = corpus.bodies;
const users: readonly Attributes[] = [oktaUser, entraUser].map((body) => parseUser(body, userSchema).attributes);
const groups: readonly Attributes[] = [parseGroup(group, groupSchema).attributes];
/** However strictly a connection is read. */
const strictness = fc.constantFrom(...profileNames).map((name) => strictnessOf(profiles[name]));

const meta = {
  created: '2026-01-01T00:00:00Z',
  lastModified: '2026-01-01T00:00:00Z',
  location: 'https://x/1',
  version: 'W/"1"',
};

/** What a resource must be after any accepted body or PATCH: valid, representable, and reached by its own difference. */
const checkResource = (before: Attributes, after: Attributes, schema: ResourceSchema, urn: string) => {
  expect(sameValue(parseResource({ schemas: [urn], ...after }, schema), after)).toBe(true);
  expect(sameValue(applyDiff(before, diffAttributes(before, after)), after)).toBe(true);
  const resource = buildResource({ schema, id: '1', attributes: after, meta });
  expect(JSON.parse(JSON.stringify(project(resource, parseProjection({}, schema))))).toEqual(
    project(resource, parseProjection({}, schema)),
  );
};

describe(`fuzzing with seed ${fuzzing.seed}: an answer or a ScimError, and never a hang`, () => {
  let before: number;

  beforeAll(() => {
    before = heapInUse();
  });

  it('R58 R67 filters', () => {
    fc.assert(
      fc.property(mutatedText(corpus.filters), strictness, (text, how) => {
        const found = answered(() =>
          users.map((user) => matches(resolveFilter(parseFilter(text), userSchema, how), { ...user, id: '1', meta })),
        );
        for (const hit of found ?? []) expect(typeof hit).toBe('boolean');
        answered(() => matches(resolveFilter(parseFilter(text), groupSchema, how), groups[0] ?? {}));
      }),
      round(1_200, SHARES),
    );
  });

  it('R85 paths of PATCH operations', () => {
    const ops = fc.constantFrom('add', 'remove', 'replace');
    fc.assert(
      fc.property(mutatedText([...corpus.patchPaths, ...corpus.filters]), ops, strictness, (path, op, how) => {
        const read = answered(() => parsePatchPath(path));
        if (read !== undefined) expect(read.name).not.toBe('');
        const request = { schemas: [urns.patchOp], Operations: [{ op, path, value: 'x' }] };
        const operations = answered(() => parsePatchRequest(request, how));
        if (operations === undefined) return;
        answered(() => applyUserPatch({ attributes: users[0] ?? {}, active: true }, operations, userSchema, how));
        answered(() => splitGroupPatch(operations, groupSchema, how));
      }),
      round(1_000, SHARES),
    );
  });

  it('R87 application of PATCH requests', () => {
    fc.assert(
      fc.property(mutatedJson(corpus.patches), fc.constantFrom(...users), strictness, (sent, before, how) => {
        const untouched = structuredClone(before);
        const operations = answered(() => parsePatchRequest({ schemas: [urns.patchOp], Operations: sent }, how));
        if (operations === undefined) return;
        const patched = answered(() => applyPatch(before, operations, userSchema, how));
        expect(before).toEqual(untouched);
        if (patched !== undefined) checkResource(before, patched.attributes, userSchema, urns.user);
        const split = answered(() => splitGroupPatch(operations, groupSchema, how));
        const [former = {}] = groups;
        const renamed = split && answered(() => applyPatch(former, split.attributeOperations, groupSchema, how));
        if (renamed !== undefined) checkResource(former, renamed.attributes, groupSchema, urns.group);
      }),
      round(700, SHARES),
    );
  });

  it('R28 R48 bodies of users and groups', () => {
    fc.assert(
      fc.property(mutatedJson(corpus.bodies), strictness, (body, how) => {
        const user = answered(() => parseUser(body, userSchema, how));
        if (user !== undefined) checkResource({}, user.attributes, userSchema, urns.user);
        const parsed = answered(() => parseGroup(body, groupSchema, how));
        if (parsed !== undefined) checkResource({}, parsed.attributes, groupSchema, urns.group);
      }),
      round(400, SHARES),
    );
  });

  it('and nothing is held in memory afterwards', () => {
    expect(heapInUse() - before).toBeLessThan(64 * 2 ** 20);
  });
});
