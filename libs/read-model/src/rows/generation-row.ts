import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * One filling of a projection for one tenant, and how far it has come. At most one is `live`: it answers the queries. A rebuild fills a
 * `building` one beside it; the switch makes that one live and the other `retired`, whose rows are then swept.
 */
@Entity('projection_generations')
export class GenerationRow {
  @PrimaryColumn('text', { name: 'tenant_id' }) declare tenantId: string;
  @PrimaryColumn('text') declare projection: string;
  @PrimaryColumn('int') declare generation: number;
  /** The projection's version when it was begun. */
  @Column('int') declare version: number;
  @Column('text') declare status: 'live' | 'building' | 'retired';
  /** The checkpoint: the tenant sequence of the last event applied. */
  @Column('bigint') declare sequence: string;
  /** When that event happened. */
  @Column('timestamptz', { name: 'event_time', nullable: true }) declare eventTime: Date | null;
  @Column('int', { name: 'users_total' }) declare usersTotal: number;
  @Column('int', { name: 'groups_total' }) declare groupsTotal: number;
  /** Paths of the attributes whose values it writes into read_values. It never changes: another choice is another generation. */
  @Column('text', { array: true }) declare indexes: string[];
  /** What the tenant wants, as far as this one has read. */
  @Column('text', { name: 'wanted_indexes', array: true }) declare wantedIndexes: string[];
  /** The tenant was erased: it stays empty. */
  @Column('boolean') declare ended: boolean;
  /** The projector at work on it, and until when others leave it alone. */
  @Column('text', { nullable: true }) declare worker: string | null;
  @Column('timestamptz', { name: 'lease_until', nullable: true }) declare leaseUntil: Date | null;
  /** The event that cannot be applied; while it is there nothing after it is. */
  @Column('text', { name: 'parked_event_id', nullable: true }) declare parkedEventId: string | null;
  @Column('bigint', { name: 'parked_sequence', nullable: true }) declare parkedSequence: string | null;
  @Column('text', { name: 'parked_code', nullable: true }) declare parkedCode: string | null;
  @Column('timestamptz', { name: 'parked_at', nullable: true }) declare parkedAt: Date | null;
}
