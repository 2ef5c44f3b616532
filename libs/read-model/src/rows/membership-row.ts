import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A member of a group. Rows of a deleted group stay until they are swept; whoever reads them joins the group. */
@Entity('read_memberships')
export class MembershipRow {
  @PrimaryColumn('text', { name: 'tenant_id' }) declare tenantId: string;
  @PrimaryColumn('int') declare generation: number;
  @PrimaryColumn('text', { name: 'group_id' }) declare groupId: string;
  @PrimaryColumn('text', { name: 'member_id' }) declare memberId: string;
  @Column('text', { name: 'member_type' }) declare memberType: 'User' | 'Group';
}
