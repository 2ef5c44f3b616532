import { z } from 'zod';
import type { EventMetadata, StreamKind } from '#event-sourcing';

/**
 * An export is NDJSON: a header, one line an event in the order of the tenant, and a footer that tells whether the file is whole. Personal data
 * stands in it in the clear, so that another installation can seal it with keys of its own (docs/export.md).
 */
export const EXPORT_FORMAT = 'rollcall-export';
export const EXPORT_VERSION = 1;

/** Streams that an export holds. Claims are made anew where it is imported, and the control plane stays where it is. */
export type ExportedKind = Exclude<StreamKind, 'claim' | 'control'>;
/** Total: a new kind of stream does not build until it can be exported. */
const kinds = Object.keys({ user: true, group: true, resource: true } satisfies Readonly<
  Record<ExportedKind, true>
>) as ExportedKind[];

/** Whether events of that stream are exported. */
export const isExported = (kind: StreamKind): kind is ExportedKind => kind !== 'claim' && kind !== 'control';

export interface ExportHeader {
  readonly format: typeof EXPORT_FORMAT;
  readonly version: typeof EXPORT_VERSION;
  /** Tells one export from another: an import that was cut off goes on with the same one only. */
  readonly exportId: string;
  readonly tenantId: string;
  readonly exportedAt: string;
  /** The tenant's sequence up to which the export goes. */
  readonly lastSequence: number;
  /** The tenant's own schemas, as documents. */
  readonly schemas: readonly { readonly urn: string; readonly document: Readonly<Record<string, unknown>> }[];
  /** Its own resource types, which have some of these schemas. */
  readonly resourceTypes: readonly { readonly name: string; readonly document: Readonly<Record<string, unknown>> }[];
}

export interface ExportedEvent {
  /** Where it stood in the tenant's log. It gets another number where it is imported. */
  readonly sequence: number;
  readonly kind: ExportedKind;
  readonly id: string;
  readonly revision: number;
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly time: string;
  readonly metadata: EventMetadata;
  readonly data: Readonly<Record<string, unknown>>;
  /** The key of its subject is destroyed: what was personal is not here. */
  readonly erased?: true;
}

export interface ExportFooter {
  readonly events: number;
  /** Of every byte before the footer's line, in hex. */
  readonly sha256: string;
}

/** The file is not a whole and unchanged export, or this tenant cannot take it; `line` counts from 1. */
export class BadExport extends Error {
  readonly code = 'bad-export';
  constructor(
    readonly line: number,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`Line ${line}: ${reason}`, options);
    this.name = 'BadExport';
  }
}

const text = z.string().min(1);
const place = z.number().int().min(0);

const headerShape = z.strictObject({
  format: z.literal(EXPORT_FORMAT),
  version: z.literal(EXPORT_VERSION),
  exportId: z.uuid(),
  tenantId: text,
  exportedAt: z.iso.datetime(),
  lastSequence: place,
  schemas: z.array(z.strictObject({ urn: text, document: z.record(z.string(), z.unknown()) })),
  resourceTypes: z.array(z.strictObject({ name: text, document: z.record(z.string(), z.unknown()) })),
});

const eventShape = z.strictObject({
  sequence: place,
  kind: z.enum(kinds),
  id: text.max(256),
  revision: place,
  eventId: z.uuid(),
  type: text,
  schemaVersion: z.number().int().min(1),
  time: z.iso.datetime(),
  metadata: z.looseObject({
    actor: z.strictObject({ kind: z.enum(['client', 'token', 'operator', 'administrator', 'system']), id: z.string() }),
    requestId: z.string(),
    correlationId: z.string(),
    txn: z.string(),
  }),
  data: z.record(z.string(), z.unknown()),
  erased: z.literal(true).optional(),
});

const footerShape = z.strictObject({ events: place, sha256: z.string().regex(/^[0-9a-f]{64}$/) });

export const parseHeader = (line: number, content: string): ExportHeader => {
  const value = parseJson(line, content);
  const version = z.looseObject({ format: z.literal(EXPORT_FORMAT), version: z.number() }).safeParse(value);
  if (!version.success) throw new BadExport(line, 'this is not an export of Rollcall.');
  if (version.data.version !== EXPORT_VERSION)
    throw new BadExport(line, `the export has format version ${version.data.version}, this release reads 1.`);
  return checked(line, headerShape.safeParse(value));
};

/** An event, or the footer. */
export const parseEntry = (line: number, content: string): ExportedEvent | ExportFooter => {
  const value = parseJson(line, content);
  return typeof value === 'object' && value !== null && 'sha256' in value
    ? checked(line, footerShape.safeParse(value))
    : (checked(line, eventShape.safeParse(value)) as ExportedEvent);
};

export const isFooter = (entry: ExportedEvent | ExportFooter): entry is ExportFooter => 'sha256' in entry;

const parseJson = (line: number, content: string): unknown => {
  try {
    return JSON.parse(content) as unknown;
  } catch {
    throw new BadExport(line, 'it is not JSON; the file was cut off or changed.'); // the parser's own words quote the line
  }
};

/** Names the members that are wrong and never a value. */
const checked = <Value>(line: number, result: z.ZodSafeParseResult<Value>): Value => {
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, code }) => `${path.join('.') || 'the line'} (${code})`);
  throw new BadExport(line, `not what an export holds: ${faults.join(', ')}.`);
};
