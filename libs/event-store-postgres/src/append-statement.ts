import type { ExpectedRevision } from '#event-sourcing';
import type { PreparedAppend } from './append-batch.js';
import { booleanArray, bytesArray, intArray, jsonArray, textArray, timeArray } from './binary-array.js';
import { collectEdges, isWithoutEdges, noEdges } from './edge-rows.js';

/** The rows of a batch by column, as `append_events` takes them; `r` is the request a row belongs to. */
const noColumns = () => ({
  writes: {
    r: [] as number[],
    head: [] as number[],
    tenant: [] as string[],
    stream: [] as string[],
    expected: [] as number[],
    closes: [] as boolean[],
    events: [] as number[],
  },
  guards: { r: [] as number[], tenant: [] as string[], stream: [] as string[] },
  events: {
    write: [] as number[],
    place: [] as number[],
    id: [] as string[],
    type: [] as string[],
    version: [] as number[],
    data: [] as string[],
    metadata: [] as string[],
    time: [] as Date[],
  },
  keys: {
    r: [] as number[],
    tenant: [] as string[],
    subject: [] as string[],
    wrapped: [] as Uint8Array[],
    version: [] as number[],
  },
  edges: noEdges(),
});

type Columns = ReturnType<typeof noColumns>;

/** The one statement of an append; see the migration AppendByColumns for what it takes. */
export const appendStatement = (batch: readonly PreparedAppend[]) => {
  const values = appendValues(batch);
  return {
    name: 'append-events',
    text: `SELECT append_events(${values.map((_, index) => `$${index + 1}`).join(', ')}) AS result`,
    values,
  };
};

const appendValues = (batch: readonly PreparedAppend[]): unknown[] => {
  const columns = noColumns();
  const tenants = [...new Set(batch.flatMap(({ tenants: some }) => [...some]))].sort();
  const heads = new Map(tenants.map((tenantId, index) => [tenantId, index + 1]));
  for (const [r, prepared] of batch.entries()) collect(columns, r, prepared, heads);
  const { writes, guards, events, keys, edges } = columns;
  return [
    textArray(tenants),
    ...[
      intArray(writes.r),
      intArray(writes.head),
      textArray(writes.tenant),
      textArray(writes.stream),
      intArray(writes.expected),
    ],
    ...[booleanArray(writes.closes), intArray(writes.events)],
    ...[intArray(guards.r), textArray(guards.tenant), textArray(guards.stream)],
    ...[intArray(events.write), intArray(events.place), textArray(events.id), textArray(events.type)],
    ...[intArray(events.version), jsonArray(events.data), jsonArray(events.metadata), timeArray(events.time)],
    ...[intArray(keys.r), textArray(keys.tenant), textArray(keys.subject), bytesArray(keys.wrapped)],
    intArray(keys.version),
    isWithoutEdges(edges) ? null : JSON.stringify(edges),
  ];
};

const collect = (
  { writes, guards, events, keys, edges }: Columns,
  r: number,
  { request, json }: PreparedAppend,
  heads: ReadonlyMap<string, number>,
) => {
  let next = 0;
  for (const { tenantId, streamName, expected, closes = false, events: toAppend } of request.streams) {
    collectEdges(edges, tenantId, toAppend, events.id.length);
    writes.r.push(r);
    writes.head.push(heads.get(tenantId) ?? 0);
    writes.tenant.push(tenantId);
    writes.stream.push(streamName);
    writes.expected.push(expectedNumber(expected));
    writes.closes.push(closes);
    writes.events.push(toAppend.length);
    for (const [index, { id, type, schemaVersion, time }] of toAppend.entries()) {
      events.write.push(writes.r.length);
      events.place.push(index + 1);
      events.id.push(id);
      events.type.push(type);
      events.version.push(schemaVersion);
      events.data.push(json[next]?.data ?? 'null');
      events.metadata.push(json[next]?.metadata ?? 'null');
      events.time.push(time);
      next += 1;
    }
  }
  for (const { tenantId, streamName } of request.guards ?? []) {
    guards.r.push(r);
    guards.tenant.push(tenantId);
    guards.stream.push(streamName);
  }
  for (const { tenantId, subjectId, wrappedKey, tenantKeyVersion } of request.subjectKeys ?? []) {
    keys.r.push(r);
    keys.tenant.push(tenantId);
    keys.subject.push(subjectId);
    keys.wrapped.push(wrappedKey);
    keys.version.push(tenantKeyVersion);
  }
};

const expectedNumber = (expected: ExpectedRevision): number =>
  expected === 'no-stream' ? -1 : expected === 'any' ? -2 : expected;
