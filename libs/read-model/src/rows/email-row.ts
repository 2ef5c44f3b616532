import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One value of a user's `emails`, folded, so that it can be looked up by an index. */
@Entity('read_emails')
export class EmailRow {
  @PrimaryColumn('text', { name: 'tenant_id' }) declare tenantId: string;
  @PrimaryColumn('int') declare generation: number;
  @PrimaryColumn('text', { name: 'user_id' }) declare userId: string;
  @PrimaryColumn('int') declare position: number;
  @Column('text', { nullable: true }) declare value: string | null;
  @Column('text', { nullable: true }) declare type: string | null;
  @Column('boolean', { name: 'is_primary', nullable: true }) declare isPrimary: boolean | null;
}
