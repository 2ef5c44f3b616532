import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { at, satisfies } from './matchers.js';

export interface Step {
  readonly name?: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly bodyFrom?: string;
  readonly merge?: Readonly<Record<string, unknown>>;
  readonly keep?: string;
  readonly save?: Readonly<Record<string, string>>;
  readonly level?: 'should';
  readonly expect: {
    readonly status: number | readonly number[];
    readonly bodyOn?: readonly number[];
    readonly header?: Readonly<Record<string, unknown>>;
    readonly json?: Readonly<Record<string, unknown>>;
  };
}

export interface Sequence {
  readonly name: string;
  readonly steps: readonly Step[];
}

export interface RecordedClient {
  readonly client: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How blanks in a query are sent: `+`, or `%20` when absent. */
  readonly encode?: 'plus';
  readonly sequences: readonly Sequence[];
}

/** What an identity provider puts on the wire, as data; taken from recordings and vendors' documents. */
export const recordedClient = (name: 'okta' | 'entra' | 'entra-compliant' | 'onelogin'): RecordedClient =>
  JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8')) as RecordedClient;

/** One request as it was answered, with everything that is not as expected in words. */
export interface Played {
  readonly step: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
  readonly faults: readonly string[];
}

/** Plays a sequence in order against a SCIM base URL and checks each answer for status, headers and content. */
export const play = async (client: RecordedClient, sequence: Sequence, scimUrl: string, token: string): Promise<readonly Played[]> => {
  const tag = randomBytes(5).toString('hex');
  const variables = new Map<string, string>([
    ['u', tag],
    ['U', tag.toUpperCase()],
  ]);
  const kept = new Map<string, Record<string, unknown>>();
  const fill = (text: string): string =>
    text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
      if (name.startsWith('uuid') && !variables.has(name)) variables.set(name, randomUUID());
      return variables.get(name) ?? `{{${name}}}`;
    });
  const fillAll = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(fill(JSON.stringify(value))));

  const played: Played[] = [];
  for (const [index, step] of sequence.steps.entries()) {
    const body = step.bodyFrom === undefined ? fillAll(step.body) : merge(kept.get(step.bodyFrom) ?? {}, fillAll(step.merge) as object);
    const path = fill(step.path);
    const response = await fetch(scimUrl + encodeQuery(path, client.encode), {
      method: step.method,
      headers: { authorization: `Bearer ${token}`, ...client.headers, ...step.headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: unknown = text === '' ? undefined : JSON.parse(text);
    if (step.keep !== undefined) kept.set(step.keep, answer as Record<string, unknown>);
    for (const [name, pointer] of Object.entries(step.save ?? {})) variables.set(name, String(at(answer, pointer)));
    const faults = check(fillAll(step.expect) as Step['expect'], response, answer);
    played.push({ step: `${index + 1} ${step.name ?? ''}`.trim(), method: step.method, path, status: response.status, body: answer, faults });
  }
  return played;
};

const check = (expected: Step['expect'], response: Response, answer: unknown): string[] => {
  const statuses = [expected.status].flat();
  const faults = statuses.includes(response.status) ? [] : [`status ${response.status} instead of ${statuses.join(' or ')}: ${JSON.stringify(answer)}`];
  for (const [name, value] of Object.entries(expected.header ?? {}))
    if (!satisfies(response.headers.get(name), value)) faults.push(`header ${name} is ${response.headers.get(name) ?? 'missing'}`);
  if (expected.bodyOn !== undefined && !expected.bodyOn.includes(response.status)) return faults;
  for (const [pointer, value] of Object.entries(expected.json ?? {}))
    if (!satisfies(at(answer, pointer), value))
      faults.push(`${pointer} is ${JSON.stringify(at(answer, pointer)) ?? 'absent'}, expected ${JSON.stringify(value)}`);
  return faults;
};

/** Queries are written readably in the data; here they become what the client sends. */
const encodeQuery = (path: string, encode: 'plus' | undefined): string => {
  const [resource = '', query] = path.split(/\?(.*)/s, 2);
  if (query === undefined) return resource;
  const encoded = query.split('&').map((pair) => {
    const [name = '', value = ''] = pair.split(/=(.*)/s, 2);
    return `${name}=${encodeURIComponent(value)}`;
  });
  return `${resource}?${encode === 'plus' ? encoded.join('&').replaceAll('%20', '+') : encoded.join('&')}`;
};

/** Deep for objects, whole for lists: read-modify-write as Okta does it. */
const merge = (base: Record<string, unknown>, change: object): Record<string, unknown> => {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(change) as [string, unknown][]) {
    const before = merged[key];
    const both = isRecord(before) && isRecord(value);
    merged[key] = both ? merge(before, value) : value;
  }
  return merged;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
