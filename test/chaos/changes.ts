import type { TopicRecord } from '../e2e/topics.js';
import { some, type Directory, type Group, type User } from './directory.js';

/** The value of a record of `changes`, as far as the verdict looks into it. */
export interface Change {
  readonly id: string;
  readonly userName?: string;
  readonly title?: string;
  readonly displayName?: string;
  readonly active?: boolean;
  readonly changed?: Partial<Pick<User, 'userName' | 'title'> & Pick<Group, 'displayName'>>;
  readonly members?: readonly (string | { readonly value: string })[];
  readonly cause?: object;
}

/** Ids of the members that a change names. */
export const membersOf = ({ members = [] }: Change): readonly string[] =>
  members.map((member) => (typeof member === 'string' ? member : member.value));

/** A tenant's directory as its changes tell it, and what they tell that cannot be: folded by rules of the verdict's own. */
export class DirectoryOfChanges {
  readonly faults: string[] = [];
  private readonly users = new Map<string, User>();
  private readonly names = new Map<string, string>();
  private readonly groups = new Map<string, Group>();
  private readonly members = new Map<string, Set<string>>();
  private readonly membershipRecords: string[] = [];

  constructor(changes: readonly TopicRecord[]) {
    for (const record of changes) this.take(record);
    const lingering = this.directory.memberships.filter((edge) => !this.users.has(edge.split('/')[1] ?? ''));
    if (lingering.length > 0) this.faults.push(`members of groups who are gone: ${some(lingering)}`);
  }

  get directory(): Directory {
    return {
      users: [...this.users.values()],
      groups: [...this.groups.values()],
      memberships: [...this.members].flatMap(([group, members]) => [...members].map((member) => `${group}/${member}`)),
    };
  }

  /** Ids of the records that `memberships` must hold, each once: one for each member that a change concerns. */
  get expectedMembershipRecords(): readonly string[] {
    return this.membershipRecords;
  }

  private take({ headers, value }: TopicRecord): void {
    const change = value as Change;
    const [type = '', eventId = ''] = [headers['ce_type'], headers['ce_id']];
    if (type.startsWith('user.')) this.takeUser(type, change);
    else this.membershipRecords.push(...this.takeGroup(type, change).map((member) => `${eventId}:${member}`));
  }

  private takeUser(type: string, { id, userName = '', title = '', active = true, changed }: Change): void {
    if (type === 'user.created') this.setUser({ id, userName, title, active });
    const user = this.users.get(id);
    if (user === undefined) return;
    if (type === 'user.updated') this.setUser({ ...user, ...pick(changed, ['userName', 'title']) });
    if (type === 'user.deactivated') this.setUser({ ...user, active: false });
    if (type === 'user.reactivated') this.setUser({ ...user, active: true });
    if (type === 'user.deleted') {
      this.users.delete(id);
      this.names.delete(user.userName.toLowerCase());
    }
  }

  /** No two users may have one name, not even for a while. */
  private setUser(user: User): void {
    const before = this.users.get(user.id);
    if (before !== undefined) this.names.delete(before.userName.toLowerCase());
    const name = user.userName.toLowerCase();
    if (this.names.has(name)) this.faults.push(`two users have the name ${name}`);
    this.names.set(name, user.id);
    this.users.set(user.id, user);
  }

  /** Returns the members whom the change concerns. */
  private takeGroup(type: string, change: Change): readonly string[] {
    const { id, displayName = '', changed } = change;
    if (type === 'group.created') this.groups.set(id, { id, displayName });
    const group = this.groups.get(id);
    if (group === undefined) return [];
    const members = this.members.get(id) ?? new Set();
    this.members.set(id, members);
    const named = membersOf(change);
    if (type === 'group.updated') this.groups.set(id, { ...group, ...pick(changed, ['displayName']) });
    if (type === 'group.members_added')
      this.move(id, 'added to', named, (member) => !members.has(member) && members.add(member));
    if (type === 'group.members_removed') this.move(id, 'removed from', named, (member) => members.delete(member));
    if (type !== 'group.deleted') return named;
    this.groups.delete(id);
    this.members.delete(id);
    return [...members];
  }

  private move(group: string, how: string, members: readonly string[], one: (member: string) => unknown): void {
    const idle = members.filter((member) => one(member) === false);
    if (idle.length > 0) this.faults.push(`${how} ${group} without effect: ${some(idle)}`);
  }
}

const pick = <T extends object, K extends keyof T>(from: T | undefined, names: readonly K[]): Partial<T> =>
  Object.fromEntries(names.flatMap((name) => (from?.[name] === undefined ? [] : [[name, from[name]]]))) as Partial<T>;
