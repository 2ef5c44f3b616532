import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far a process that reads the log and issues commands has come with one tenant. */
@Entity('process_checkpoints')
export class ProcessCheckpointRow {
  @PrimaryColumn('text') declare process: string;
  @PrimaryColumn('text', { name: 'tenant_id' }) declare tenantId: string;
  @Column('bigint') declare sequence: string;
  /** Who is at work on it, and until when others leave it alone. */
  @Column('text', { nullable: true }) declare worker: string | null;
  @Column('timestamptz', { name: 'lease_until', nullable: true }) declare leaseUntil: Date | null;
}
