import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Attributes } from '#scim';

/** A user as it stands. Columns hold folded text, cut to what an index takes (`indexedText`); `attributes` holds what was sent. */
@Entity('read_users')
export class UserRow {
  @PrimaryColumn('text', { name: 'tenant_id' }) declare tenantId: string;
  @PrimaryColumn('int') declare generation: number;
  @PrimaryColumn('text') declare id: string;
  @Column('int') declare revision: number;
  @Column('timestamptz', { name: 'created_at' }) declare createdAt: Date;
  @Column('timestamptz', { name: 'changed_at' }) declare changedAt: Date;
  @Column('boolean') declare active: boolean;
  /** Null for an erased user whose deletion is still to be read. */
  @Column('text', { name: 'user_name', nullable: true }) declare userName: string | null;
  /** Case-exact, so not folded. */
  @Column('text', { name: 'external_id', nullable: true }) declare externalId: string | null;
  @Column('text', { name: 'display_name', nullable: true }) declare displayName: string | null;
  @Column('jsonb') declare attributes: Attributes;
  /** `searchDocument(attributes)`. */
  @Column('jsonb') declare search: Attributes;
}
