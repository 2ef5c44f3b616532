import { fold } from '#scim';

/** Who is a member of the group has the role. A group is meant by its id, or by whatever name it has. */
export type GroupRole = Readonly<{
  group: Readonly<{ id: string } | { displayName: string }>;
  role: string;
}>;

/** A group that somebody is in. */
export type GroupOfMember = Readonly<{ id: string; displayName?: string | undefined }>;

/** A role that a group gives. */
export type GivenRole<Group extends GroupOfMember> = Readonly<{ role: string; group: Group }>;

/** The roles that the groups somebody is in give, each with the group that gives it, by role. Names of groups are compared without case. */
export const givenRoles = <Group extends GroupOfMember>(
  mapping: readonly GroupRole[],
  groups: readonly Group[],
): readonly GivenRole<Group>[] =>
  groups
    .flatMap((group) => rolesOf(group, mapping).map((role) => ({ role, group })))
    .sort((a, b) => (a.role === b.role ? compare(a.group.id, b.group.id) : compare(a.role, b.role)));

const rolesOf = (group: GroupOfMember, mapping: readonly GroupRole[]): readonly string[] => [
  ...new Set(mapping.flatMap((one) => (isMeant(one.group, group) ? [one.role] : []))),
];

const isMeant = (named: GroupRole['group'], { id, displayName }: GroupOfMember): boolean =>
  'id' in named ? named.id === id : displayName !== undefined && fold(named.displayName) === fold(displayName);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const MOST = 100;
const LONGEST = 300;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '' && value.length <= LONGEST;

const isNamed = (group: unknown): boolean =>
  isObject(group) && Object.entries(group).length === 1 && (isText(group['id']) || isText(group['displayName']));

/** What the setting `groupRoles` takes. */
export const groupRolesRule = {
  holds: (value: unknown): boolean =>
    Array.isArray(value) &&
    value.length <= MOST &&
    value.every(
      (one: unknown) =>
        isObject(one) &&
        Object.keys(one).sort().join() === 'group,role' &&
        isText(one['role']) &&
        isNamed(one['group']),
    ),
  allowed: `a list of at most ${MOST} of {"group": {"id": "…"} or {"displayName": "…"}, "role": "…"}`,
};
