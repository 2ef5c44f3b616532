import type { GroupOfMember, MemberWithGroups } from '#read-model';
import type { Attributes, ScimValue } from '#scim';
import type { GivenRole } from '#tenancy';

/** The roles of a user on the wire: all of them by name, then what each comes from. */
export const rolesBody = ({ id, attributes, active }: MemberWithGroups, given: readonly GivenRole<GroupOfMember>[]) => {
  const stored = elementsOf(attributes['roles']);
  const names = [...stored.flatMap(valueOf), ...given.map(({ role }) => role)];
  return { id, active, roles: [...new Set(names)].sort(), stored, derived: given };
};

const elementsOf = (value: ScimValue | undefined): readonly Attributes[] =>
  Array.isArray(value)
    ? (value as readonly ScimValue[]).filter((one): one is Attributes => typeof one === 'object')
    : [];

const valueOf = ({ value }: Attributes): readonly string[] => (typeof value === 'string' ? [value] : []);
