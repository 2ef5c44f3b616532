import { Entity, PrimaryColumn } from 'typeorm';

/** Membership rows of a deleted group that are still to be removed, in pieces. */
@Entity('membership_sweeps')
export class SweepRow {
  @PrimaryColumn('text', { name: 'tenant_id' }) declare tenantId: string;
  @PrimaryColumn('int') declare generation: number;
  @PrimaryColumn('text', { name: 'group_id' }) declare groupId: string;
}
