import type { Attributes, ResourceSchema } from '#scim';
import { nextPlace, type PlacedColumns } from './keyset.js';
import type { ResourceReader, StateColumns } from './resource-reader.js';
import type { Page, ResourceRecord } from './resource-records.js';
import { findStatement, getStatement, type FindResources, type ResourceTable } from './resource-statement.js';

export interface CustomColumns extends StateColumns, PlacedColumns {
  id: string | null;
  attributes: Attributes;
  revision: number;
  created_at: Date;
  changed_at: Date;
}

/** Resources of one tenant that are of a type of its own; which one, the schema says. Answers reflect every write acknowledged before the call. */
export class CustomQueries {
  constructor(private readonly reader: ResourceReader) {}

  /** Undefined for an id unknown to the tenant, or of another type. Errors as ResourceReader.rows. */
  async get(tenantId: string, schema: ResourceSchema, id: string): Promise<ResourceRecord | undefined> {
    const statement = getStatement(this.reader.context(tenantId), customTable(schema), id);
    const [row] = await this.reader.rows<CustomColumns>(tenantId, statement);
    return row === undefined ? undefined : toCustom(row);
  }

  /** One page and the number of all matches. Errors as ResourceReader.rows. */
  async find(tenantId: string, schema: ResourceSchema, query: FindResources): Promise<Page<ResourceRecord>> {
    const statement = findStatement(this.reader.context(tenantId), customTable(schema), query);
    const rows = await this.reader.rows<CustomColumns>(tenantId, statement);
    const resources = rows.flatMap((row) => toCustom(row) ?? []);
    return { totalResults: rows[0]?.total ?? 0, resources, next: nextPlace(rows, query.filter !== undefined) };
  }
}

const customTable = (schema: ResourceSchema): ResourceTable => ({
  schema,
  table: 'read_resources',
  columns: ['r.id, r.attributes, r.revision, r.created_at, r.changed_at'],
});

export const toCustom = ({ id, attributes, revision, ...times }: CustomColumns): ResourceRecord | undefined =>
  id === null ? undefined : { id, attributes, revision, createdAt: times.created_at, changedAt: times.changed_at };
