import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One value of an attribute that the tenant has marked indexed. All columns are null for a value that is none of these. */
@Entity('read_values')
export class ValueRow {
  @PrimaryColumn('text', { name: 'tenant_id' }) declare tenantId: string;
  @PrimaryColumn('int') declare generation: number;
  /** The canonical path of the attribute. */
  @PrimaryColumn('text') declare path: string;
  @PrimaryColumn('text', { name: 'resource_id' }) declare resourceId: string;
  @PrimaryColumn('int') declare position: number;
  @Column('text', { nullable: true }) declare folded: string | null;
  @Column('text', { nullable: true }) declare exact: string | null;
  /** A number; milliseconds since 1970 of a time; 0 or 1. */
  @Column('float8', { nullable: true }) declare number: number | null;
}
