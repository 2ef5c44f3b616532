import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Attributes } from '#scim';

/** A resource of a type of the tenant's own, as it stands. */
@Entity('read_resources')
export class CustomResourceRow {
  @PrimaryColumn('text', { name: 'tenant_id' }) declare tenantId: string;
  @PrimaryColumn('int') declare generation: number;
  @PrimaryColumn('text') declare id: string;
  @Column('text', { name: 'resource_type' }) declare resourceType: string;
  @Column('int') declare revision: number;
  @Column('timestamptz', { name: 'created_at' }) declare createdAt: Date;
  @Column('timestamptz', { name: 'changed_at' }) declare changedAt: Date;
  @Column('text', { name: 'external_id', nullable: true }) declare externalId: string | null;
  /** Of types whose schema has one that is a text. */
  @Column('text', { name: 'display_name', nullable: true }) declare displayName: string | null;
  @Column('jsonb') declare attributes: Attributes;
  /** `searchDocument(attributes)`. */
  @Column('jsonb') declare search: Attributes;
}

/** How many resources of a type of its own a tenant has. */
@Entity('read_resource_totals')
export class ResourceTotalRow {
  @PrimaryColumn('text', { name: 'tenant_id' }) declare tenantId: string;
  @PrimaryColumn('int') declare generation: number;
  @PrimaryColumn('text', { name: 'resource_type' }) declare resourceType: string;
  @Column('int') declare total: number;
}
