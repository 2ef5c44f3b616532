import fc from 'fast-check';

type Edit<T> = (value: T) => T;

/** Longer texts are cut: what is looked for lies in their shape. */
const LONGEST = 60_000;
const place = fc.nat(10_000);
const at = (text: string, position: number): number => position % (text.length + 1);
const cut = (text: string): string => text.slice(0, LONGEST);

const tokens = [
  ...[
    '"',
    '\\',
    '\\"',
    '\\u0000',
    '\\ud800',
    '\0',
    '(',
    ')',
    '[',
    ']',
    '.',
    ':',
    '$',
    '%',
    '%00',
    '%ff',
    '+',
    ' ',
    '\n',
  ],
  ...[' and ', ' or ', 'not ', 'not (', ' pr', ' eq ', ' co ""', ' gt ', ' eq true', ' eq null', ' eq 1e999', ' eq -0'],
  ...[
    'userName',
    'emails',
    'members',
    'active',
    'meta.created',
    'manager',
    'password',
    '$ref',
    '__proto__',
    'constructor',
  ],
  ...[
    'urn:ietf:params:scim:schemas:core:2.0:User:',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
    'bulkId:',
  ],
  ...[
    '\u202e',
    '\ud83d\ude00',
    '\ud800',
    'İ',
    'ß',
    '\u0301',
    'x'.repeat(300),
    "'; DROP TABLE events; --",
    '{}',
    'null',
  ],
];
const token = fc.oneof(fc.constantFrom(...tokens), fc.string({ unit: 'binary', maxLength: 6 }));

const textEdit: fc.Arbitrary<Edit<string>> = fc.oneof(
  fc.tuple(place, token).map(([from, added]): Edit<string> => (text) => {
    const position = at(text, from);
    return cut(text.slice(0, position) + added + text.slice(position));
  }),
  fc.tuple(place, fc.nat(20)).map(([from, length]): Edit<string> => (text) => {
    const position = at(text, from);
    return text.slice(0, position) + text.slice(position + length);
  }),
  fc.tuple(place, fc.nat(40), fc.constantFrom(2, 3, 40, 600)).map(([from, length, count]): Edit<string> => (text) => {
    const position = at(text, from);
    const span = text.slice(position, position + length);
    return cut(text.slice(0, position) + span.repeat(count) + text.slice(position + length));
  }),
  place.map(
    (from): Edit<string> =>
      (text) =>
        text.slice(0, at(text, from)),
  ),
  fc.constant<Edit<string>>((text) => text.toUpperCase()),
);

const edited = <T>(seed: fc.Arbitrary<T>, edit: fc.Arbitrary<Edit<T>>, most: number): fc.Arbitrary<T> =>
  fc
    .tuple(seed, fc.array(edit, { minLength: 1, maxLength: most }))
    .map(([value, edits]) => edits.reduce((former, change) => change(former), value));

/** A text of the corpus, or two joined, with a few edits. */
export const mutatedText = (seeds: readonly string[]): fc.Arbitrary<string> => {
  const one = fc.constantFrom(...seeds);
  const joined = fc.tuple(one, fc.constantFrom(' and ', ' or ', '.', ''), one).map((parts) => parts.join(''));
  return edited(fc.oneof({ arbitrary: one, weight: 3 }, joined), textEdit, 4);
};

/** JSON text as a client might send it, cut and damaged at times. */
export const damaged = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ arbitrary: text, weight: 4 }, edited(text, textEdit, 2));

const nested = (depth: number): unknown => JSON.parse('{"a":['.repeat(depth) + '1' + ']}'.repeat(depth));
const oddities: readonly unknown[] = [
  ...[
    null,
    '',
    ' ',
    [],
    {},
    [[]],
    [null],
    [{}],
    { value: null },
    { value: [] },
    { '': '' },
    0,
    -0,
    -1,
    1.5,
    1e308,
    2 ** 53,
  ],
  ...[
    true,
    false,
    'true',
    'False',
    'work',
    '\0',
    'a\0b',
    '\ud800',
    '\ud83d\ude00',
    'e\u0301',
    '../Users/1',
    'bulkId:x',
    'W/"1"',
  ],
  JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":1},"toString":"x"}'),
  ...['x'.repeat(70_000), Array.from({ length: 1_100 }, (_, n) => ({ value: `v${n}` })), nested(20), nested(200)],
];
const keys = fc.constantFrom(
  ...[
    '',
    '__proto__',
    'constructor',
    'schemas',
    'Schemas',
    'id',
    'meta',
    'active',
    'ACTIVE',
    'members',
    'emails',
    'groups',
  ],
  ...['value', '$ref', 'type', 'primary', 'op', 'path', 'Operations', 'name.givenName', 'emails[type eq "work"].value'],
  ...[
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
    'urn:x:y',
    'password',
    'manager',
    'a\0b',
    'ſchemas',
  ],
);

/** How many values a JSON value holds, itself counted. */
const size = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce<number>((sum, part) => sum + size(part), 1)
    : 1;

/** Replaces the nth value, counted from the outside in; undefined takes it out. */
const replaceNth = (value: unknown, nth: number, change: Edit<unknown>): unknown => {
  if (nth === 0) return change(value);
  if (typeof value !== 'object' || value === null) return value;
  let rest = nth - 1;
  const entries: [string, unknown][] = [];
  for (const [key, part] of Object.entries(value) as [string, unknown][]) {
    const parts = size(part);
    const next = rest >= 0 && rest < parts ? replaceNth(part, rest, change) : part;
    rest -= parts;
    if (next !== undefined) entries.push([key, next]);
  }
  return Array.isArray(value) ? entries.map(([, part]) => part) : Object.fromEntries(entries);
};

const renamed =
  (key: string): Edit<unknown> =>
  (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { [key]: value };
    const [first, ...others] = Object.entries(value);
    return Object.fromEntries([...others, [key, first?.[1] ?? null]]);
  };

const jsonEdit = (seeds: readonly unknown[]): fc.Arbitrary<Edit<unknown>> => {
  const change: fc.Arbitrary<Edit<unknown>> = fc.oneof(
    fc.constantFrom(...oddities).map(
      (odd): Edit<unknown> =>
        () =>
          odd,
    ),
    fc.constantFrom(...seeds).map(
      (other): Edit<unknown> =>
        () =>
          other,
    ),
    { arbitrary: keys.map(renamed), weight: 2 },
    textEdit.map(
      (edit): Edit<unknown> =>
        (value) =>
          typeof value === 'string' ? edit(value) : value,
    ),
    fc.constantFrom<Edit<unknown>>(
      () => undefined,
      (value): unknown => [value, value],
      (value) => ({ value }),
      (value) => (typeof value === 'object' && value !== null ? Object.values(value) : String(value)),
      (value) =>
        Array.isArray(value) && value.length < 20
          ? Array.from({ length: 300 }, () => value as unknown[]).flat()
          : value,
    ),
  );
  return fc.tuple(fc.nat(200), change).map(
    ([nth, edit]): Edit<unknown> =>
      (value) =>
        replaceNth(value, nth % size(value), edit) ?? null,
  );
};

/** A JSON value of the corpus with a few of its parts replaced, renamed, repeated or taken out. */
export const mutatedJson = (seeds: readonly unknown[]): fc.Arbitrary<unknown> =>
  edited(fc.constantFrom(...seeds), jsonEdit(seeds), 4);
