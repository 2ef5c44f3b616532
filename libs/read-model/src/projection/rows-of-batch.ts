import type { GroupState, ResourceState, UserState } from '#directory';
import { fold, sameValue, type Attributes, type ScimValue } from '#scim';
import type { DirectoryBatch } from './directory-batch.js';
import { indexedText } from './indexed-text.js';
import { indexedValues, type IndexedValue } from './indexed-values.js';
import type { MembershipRows } from './membership-changes.js';
import type { StandingResource } from './resource-folds.js';
import { searchDocument } from './search-document.js';

type StandingUser = StandingResource<UserState>;

/** What one batch writes. The resources are JSON texts, each made once, for `jsonb_to_recordset`. */
export interface BatchRows {
  readonly users: readonly string[];
  readonly goneUsers: readonly string[];
  readonly emails: readonly EmailValue[];
  /** Users whose rows in read_emails from this position on are no longer theirs. */
  readonly shortened: readonly { readonly user_id: string; readonly length: number }[];
  readonly groups: readonly string[];
  readonly goneGroups: readonly string[];
  readonly resources: readonly string[];
  readonly goneResources: readonly string[];
  readonly memberships: MembershipRows;
  /** Values of indexed attributes. */
  readonly values: readonly ValueOfResource[];
  /** Resources whose rows in read_values, of this path and from this position on, are no longer theirs. */
  readonly fewerValues: readonly { readonly resource_id: string; readonly path: string; readonly length: number }[];
  /** By type, of the tenant's own ones; none of them zero. */
  readonly resourceDifferences: readonly { readonly resource_type: string; readonly difference: number }[];
  readonly usersDifference: number;
  readonly groupsDifference: number;
}

interface ValueOfResource extends IndexedValue {
  readonly resource_id: string;
  readonly path: string;
  readonly position: number;
}

interface EmailValue {
  readonly user_id: string;
  readonly position: number;
  readonly value: string | null;
  readonly type: string | null;
  readonly is_primary: boolean | null;
}

/** The rows that a folded batch comes to. `indexes`: paths of the attributes whose values are written. */
export const rowsOfBatch = (
  { users, groups, resources, memberships }: DirectoryBatch,
  indexes: readonly string[],
): BatchRows => {
  const changedUsers = users.changed();
  const changedGroups = groups.changed();
  const mailed = changedUsers.filter((user) => !hasSameEmails(user, users.standing(user.id)));
  return {
    users: changedUsers.map(userJson),
    goneUsers: users.gone(),
    emails: mailed.flatMap(emailsOf),
    shortened: mailed.flatMap((user) => {
      const length = emailCount(user);
      const before = users.standing(user.id);
      return before !== undefined && emailCount(before) > length ? [{ user_id: user.id, length }] : [];
    }),
    groups: changedGroups.map(groupJson),
    goneGroups: groups.gone(),
    resources: resources.changed().map(resourceJson),
    goneResources: resources.gone(),
    memberships: memberships.rows(),
    resourceDifferences: [...resources.differences(({ type }) => type.resourceType)].flatMap(
      ([resource_type, difference]) => (difference === 0 ? [] : [{ resource_type, difference }]),
    ),
    ...valueRows(
      [
        ...changedUsers.map((user) => changeOf(user, users.standing(user.id))),
        ...changedGroups.map((group) => changeOf(group, groups.standing(group.id))),
      ],
      indexes,
    ),
    usersDifference: users.difference(),
    groupsDifference: groups.difference(),
  };
};

/** Characters that the statement will carry, as good as exact for what is large. */
export const weightOf = (rows: BatchRows): number =>
  [...rows.users, ...rows.groups, ...rows.resources].reduce((total, json) => total + json.length, 0);

const userJson = (user: StandingUser): string => {
  const { attributes, active } = user.state;
  const columns = { ...commonColumns(user, attributes), active, user_name: foldedText(attributes['userName']) };
  return JSON.stringify(columns);
};

const groupJson = (group: StandingResource<GroupState>): string =>
  JSON.stringify(commonColumns(group, group.state.attributes));

const resourceJson = (resource: StandingResource<ResourceState>): string => {
  const { type, attributes } = resource.state;
  return JSON.stringify({ ...commonColumns(resource, attributes), resource_type: type.resourceType });
};

const commonColumns = (
  { id, revision, createdAt, changedAt }: Pick<StandingUser, 'id' | 'revision' | 'createdAt' | 'changedAt'>,
  attributes: Attributes,
) => ({
  id,
  revision,
  created_at: createdAt,
  changed_at: changedAt,
  external_id: exactText(attributes['externalId']),
  display_name: foldedText(attributes['displayName']),
  attributes,
  search: searchDocument(attributes),
});

interface AttributeChange {
  readonly id: string;
  readonly before: Attributes;
  readonly after: Attributes;
}

const changeOf = <State extends UserState | GroupState>(
  { id, state }: StandingResource<State>,
  standing: StandingResource<State> | undefined,
): AttributeChange => ({ id, before: standing?.state.attributes ?? {}, after: state.attributes });

const valueRows = (
  changes: readonly AttributeChange[],
  indexes: readonly string[],
): Pick<BatchRows, 'values' | 'fewerValues'> => {
  const rows = { values: [] as ValueOfResource[], fewerValues: [] as BatchRows['fewerValues'][number][] };
  for (const { id, before, after } of changes) {
    for (const path of indexes) {
      const [then, now] = [indexedValues(before, path), indexedValues(after, path)];
      const keys = { resource_id: id, path };
      rows.values.push(
        ...now.flatMap((value, position) => (isSame(value, then[position]) ? [] : [{ ...keys, position, ...value }])),
      );
      if (then.length > now.length) rows.fewerValues.push({ ...keys, length: now.length });
    }
  }
  return rows;
};

const isSame = (now: IndexedValue, then: IndexedValue | undefined): boolean =>
  then !== undefined && now.folded === then.folded && now.exact === then.exact && now.number === then.number;

const exactText = (value: ScimValue | undefined): string | null =>
  typeof value === 'string' ? indexedText(value) : null;

const foldedText = (value: ScimValue | undefined): string | null =>
  typeof value === 'string' ? indexedText(fold(value)) : null;

const emailsOf = ({ id, state }: StandingUser): readonly EmailValue[] =>
  emailList(state.attributes).map((email, position) => ({
    user_id: id,
    position,
    value: foldedText(email['value']),
    type: foldedText(email['type']),
    is_primary: typeof email['primary'] === 'boolean' ? email['primary'] : null,
  }));

const emailCount = ({ state }: StandingUser): number => emailList(state.attributes).length;

const hasSameEmails = (user: StandingUser, before: StandingUser | undefined): boolean => {
  const [now, then] = [emailList(user.state.attributes), emailList(before?.state.attributes ?? {})];
  return now.length === then.length && now.every((email, position) => sameValue(email, then[position]));
};

const emailList = (attributes: Attributes): readonly Attributes[] => {
  const emails = attributes['emails'];
  return Array.isArray(emails) ? (emails as readonly ScimValue[]).filter(isObject) : [];
};

const isObject = (value: ScimValue): value is Attributes => typeof value === 'object' && !Array.isArray(value);
