import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { request } from 'undici';
import { corpus, type SeedRequest } from '../fuzz/corpus.js';
import { fuzzing, round } from '../fuzz/fuzz-settings.js';
import { damaged, mutatedJson, mutatedText } from '../fuzz/mutations.js';
import { ERROR, TenantClient } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';

jest.setTimeout(120_000 + fuzzing.seconds * 1_000);

/** A request as it goes out: `{user}` and `{group}` still to be filled in. */
interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const bodies = [...corpus.requests.flatMap(({ body }) => (body === undefined ? [] : [body])), ...corpus.bodies];
const patchBodies = corpus.patches.map((Operations) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
}));

const often = <T>(usual: T, odd: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 9 }, { arbitrary: odd, weight: 1 });

const parameters = fc.oneof(
  fc.tuple(fc.constant('filter'), mutatedText(corpus.filters)),
  fc.tuple(
    fc.constantFrom('sortBy', 'attributes', 'excludedAttributes'),
    mutatedText(['userName', 'name.familyName', 'emails.value,members', 'meta.created', 'id', 'urn:x:y', 'active']),
  ),
  fc.tuple(
    fc.constantFrom('count', 'startIndex', 'sortOrder', 'cursor', 'x'),
    mutatedText(['1', '-1', '0', '999999999999', 'a', '']),
  ),
);

const headers = fc.dictionary(
  fc.constantFrom(
    'if-match',
    'if-none-match',
    'accept',
    'content-type',
    'prefer',
    'traceparent',
    'x-request-id',
    'idempotency-key',
  ),
  mutatedText([
    'W/"1"',
    '*',
    'application/json',
    'application/scim+json; charset=utf-8',
    'respond-async, wait=1',
    'text/html',
  ])
    // What HTTP itself forbids in a header never leaves the client.
    .map((value) =>
      value
        .replace(/[^\t\x20-\x7e\x80-\xff]/g, '')
        .trim()
        .slice(0, 4_000),
    ),
  { maxKeys: 2 },
);

const bodyOf = ({ method, body }: SeedRequest): fc.Arbitrary<string | undefined> => {
  if (body === undefined) return often<string | undefined>(undefined, fc.constantFrom('', '{}', 'null'));
  const seeds = method === 'PATCH' ? [body, ...patchBodies] : [body];
  return damaged(
    fc
      .oneof({ arbitrary: mutatedJson(seeds), weight: 4 }, mutatedJson([body, ...bodies]))
      .map((value) => JSON.stringify(value)),
  );
};

const mutated = (seed: SeedRequest): fc.Arbitrary<Sent> =>
  fc.record({
    method: often(seed.method, fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY')),
    path: often(seed.path, mutatedText([seed.path])),
    query: fc
      .tuple(
        often<(readonly [string, string])[]>(Object.entries(seed.query ?? {}), fc.constant([])),
        fc.array(parameters, { maxLength: 2 }),
      )
      .map((parts) => parts.flat()),
    headers: fc
      .tuple(often({}, headers), fc.constant(seed.headers ?? {}))
      .map(([odd, usual]) => ({ ...usual, ...odd })),
    body: bodyOf(seed),
  });

describe(`fuzzing over HTTP with seed ${fuzzing.seed}`, () => {
  let system: RunningSystem;
  let tenant: TenantClient;
  let target = { user: '', group: '' };
  let made = 0;
  const heaps: number[] = [];

  beforeAll(async () => {
    system = await startSystem('one process');
    tenant = await TenantClient.create(system);
    await renewTargets();
  });

  afterAll(() => system.stop());

  const renewTargets = async () => {
    made += 1;
    const user = await tenant.user(`target-${made}`);
    target = { user, group: await tenant.group(`target-${made}`, [user]) };
  };

  const fill = (text: string) => text.replaceAll('{user}', target.user).replaceAll('{group}', target.group);

  /** Sends it and says what is wrong with the answer; empty when nothing is. */
  const faultsOf = async (sent: Sent): Promise<readonly string[]> => {
    const query = sent.query
      .map(([name, value]) => `${name}=${encodeURIComponent(fill(value).toWellFormed())}`)
      .join('&');
    const path = encodeURI(fill(sent.path).toWellFormed()).replace(/[?#]/g, '');
    const answer = await request(`${tenant.scimUrl}${path}${query === '' ? '' : `?${query}`}`, {
      method: sent.method as 'GET',
      headers: {
        authorization: `Bearer ${tenant.token}`,
        ...(sent.body === undefined ? {} : { 'content-type': 'application/scim+json' }),
        ...sent.headers,
      },
      ...(sent.body === undefined ? {} : { body: fill(sent.body) }),
      signal: AbortSignal.timeout(fuzzing.hangMs),
    });
    const text = await answer.body.text();
    return faultsIn(answer.statusCode, text);
  };

  const sampleHeap = async () => {
    const metrics = await (await request(`${system.url}/metrics`)).body.text();
    heaps.push(Number(/^nodejs_heap_size_used_bytes(?:\{[^}]*\})? (\S+)/m.exec(metrics)?.[1]));
  };

  it('R8 R113 R115 every request is answered, soon, by SCIM and without a fault of ours', async () => {
    let runs = 0;
    const requests = fc.array(fc.constantFrom(...corpus.requests).chain(mutated), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(requests, async (sent) => {
        runs += 1;
        if (runs % 20 === 0) await renewTargets();
        if (runs % 50 === 0) await sampleHeap();
        const faults = await Promise.all(sent.map((one) => faultsOf(one)));
        expect(faults.flat()).toEqual([]);
      }),
      round(500, 2),
    );
  });

  it('and the system goes on as before, in as much memory', async () => {
    const id = await tenant.user('after-the-storm');
    expect((await tenant.get(`/Users/${id}`)).body['userName']).toBe('after-the-storm');
    await sampleHeap();
    // The low points, since garbage is collected when the engine sees fit; the first third fills caches.
    const third = Math.ceil(heaps.length / 3);
    const growth = Math.min(...heaps.slice(-third)) - Math.min(...heaps.slice(third, 2 * third));
    expect(growth).toBeLessThan(96 * 2 ** 20);
  });
});

/** Answers without a body; 202 is `Prefer: respond-async` (RFC 9967). */
const EMPTY: ReadonlySet<number> = new Set([202, 204, 304]);

const faultsIn = (status: number, text: string): readonly string[] => {
  const body = parsed(text);
  const faults: string[] = [];
  if (status >= 500 && status !== 501) faults.push(`${status}: ${text}`);
  // A request line that is too long to be read tells no path, so its refusal cannot know that SCIM was asked.
  if (status >= 400 && status !== 431 && !isScimError(body, status))
    faults.push(`${status} without a SCIM error: ${text.slice(0, 500)}`);
  if (status < 400 && !EMPTY.has(status) && body === undefined)
    faults.push(`${status} without JSON: ${text.slice(0, 500)}`);
  if (/node_modules|\bat \w+ \(|\.ts:\d/.test(text)) faults.push(`a stack trace: ${text.slice(0, 500)}`);
  return faults;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isScimError = (body: unknown, status: number): boolean => {
  const { schemas, status: told, detail } = (body ?? {}) as Record<string, unknown>;
  return Array.isArray(schemas) && schemas[0] === ERROR && told === String(status) && typeof detail === 'string';
};
