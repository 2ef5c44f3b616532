import type { Member } from '#directory';

export interface MembershipRows {
  readonly added: { readonly groupIds: string[]; readonly memberIds: string[]; readonly memberTypes: string[] };
  readonly removed: { readonly groupIds: string[]; readonly memberIds: string[] };
  /** Every membership of these members goes. */
  readonly goneMembers: readonly string[];
}

/** What a batch of events does to memberships in the end: the last word on each edge, so that no row is written twice. */
export class MembershipChanges {
  private readonly edges = new Map<string, Map<string, Member['type'] | 'removed'>>();
  private readonly gone = new Set<string>();

  add(groupId: string, members: readonly Member[]): void {
    const group = this.group(groupId);
    for (const { value, type } of members) group.set(value, type);
  }

  remove(groupId: string, memberIds: readonly string[]): void {
    const group = this.group(groupId);
    for (const id of memberIds) group.set(id, 'removed');
  }

  /** The member is deleted: it leaves every group at once. Its id never comes back. */
  memberGone(memberId: string): void {
    this.gone.add(memberId);
  }

  /** The group is deleted: what this batch did to its members no longer matters. Its rows are swept later, in pieces. */
  groupGone(groupId: string): void {
    this.edges.delete(groupId);
    this.gone.add(groupId);
  }

  rows(): MembershipRows {
    const rows: MembershipRows = {
      added: { groupIds: [], memberIds: [], memberTypes: [] },
      removed: { groupIds: [], memberIds: [] },
      goneMembers: [...this.gone],
    };
    for (const [groupId, members] of this.edges) {
      for (const [memberId, fate] of members) {
        if (this.gone.has(memberId)) continue;
        const list = fate === 'removed' ? rows.removed : rows.added;
        list.groupIds.push(groupId);
        list.memberIds.push(memberId);
        if (fate !== 'removed') rows.added.memberTypes.push(fate);
      }
    }
    return rows;
  }

  private group(groupId: string): Map<string, Member['type'] | 'removed'> {
    const group = this.edges.get(groupId) ?? new Map<string, Member['type'] | 'removed'>();
    this.edges.set(groupId, group);
    return group;
  }
}
