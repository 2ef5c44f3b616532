import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Attributes } from '#scim';

/** A group as it stands, without its members. */
@Entity('read_groups')
export class GroupRow {
  @PrimaryColumn('text', { name: 'tenant_id' }) declare tenantId: string;
  @PrimaryColumn('int') declare generation: number;
  @PrimaryColumn('text') declare id: string;
  @Column('int') declare revision: number;
  @Column('timestamptz', { name: 'created_at' }) declare createdAt: Date;
  @Column('timestamptz', { name: 'changed_at' }) declare changedAt: Date;
  @Column('text', { name: 'external_id', nullable: true }) declare externalId: string | null;
  @Column('text', { name: 'display_name', nullable: true }) declare displayName: string | null;
  @Column('jsonb') declare attributes: Attributes;
  /** `searchDocument(attributes)`. */
  @Column('jsonb') declare search: Attributes;
}
