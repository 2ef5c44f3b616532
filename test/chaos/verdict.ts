import type { TopicRecord } from '../e2e/topics.js';
import type { Attempt, Effect } from './attempts.js';

/** The records of `changes` of one tenant, in the order they were read, and what the log says should be there. */
export interface Evidence {
  readonly tenantId: string;
  readonly changes: readonly TopicRecord[];
  /** Ids of the directory's events in the log, by sequence. */
  readonly logged: readonly string[];
}

export interface User {
  readonly id: string;
  readonly userName: string;
  readonly title: string;
  readonly active: boolean;
}

export interface Group {
  readonly id: string;
  readonly displayName: string;
  readonly members: readonly string[];
}

/** A tenant's directory as its changes tell it. */
export interface Directory {
  readonly users: ReadonlyMap<string, User>;
  readonly groups: ReadonlyMap<string, Group>;
}

const SHOWN = 5;
const some = (items: readonly string[]): string =>
  items.slice(0, SHOWN).join(', ') + (items.length > SHOWN ? ` and ${items.length - SHOWN} more` : '');

/** Each event of the log once and in tenant order: the ids on a topic are those of the log. */
export const onceAndInOrder = (
  topic: string,
  logged: readonly string[],
  read: readonly TopicRecord[],
): readonly string[] => {
  const ids = read.map(({ headers }) => headers['ce_id'] ?? '');
  const [seen, expected] = [new Set(ids), new Set(logged)];
  const missing = logged.filter((id) => !seen.has(id));
  const strange = ids.filter((id) => !expected.has(id));
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  const isOrdered = ids.every((id, index) => id === logged[index]);
  return [
    ...(missing.length > 0 ? [`${topic} lacks ${missing.length} events: ${some(missing)}`] : []),
    ...(strange.length > 0 ? [`${topic} has events that the log has not: ${some(strange)}`] : []),
    ...(twice.length > 0 ? [`${topic} has events twice: ${some(twice)}`] : []),
    ...(missing.length + strange.length + twice.length === 0 && !isOrdered ? [`${topic} is out of order`] : []),
  ];
};

/** What was acknowledged happened once, what was refused never, what had no answer once at most, and nothing happened that nobody asked for. */
export const acknowledgedOnce = (attempts: readonly Attempt[], changes: readonly TopicRecord[]): readonly string[] => {
  const happened = Map.groupBy(
    changes.flatMap((record) => effectsOf(record)),
    (effect) => effect,
  );
  const asked = Map.groupBy(
    attempts.flatMap(({ effects, outcome }) => effects.map((effect) => ({ effect, outcome }))),
    ({ effect }) => effect,
  );
  const faults = [...asked].flatMap(([effect, tries]) => {
    const times = happened.get(effect)?.length ?? 0;
    if (tries.some(({ outcome }) => outcome === 'acknowledged'))
      return times === 1 ? [] : [`acknowledged, and happened ${times} times: ${effect}`];
    const most = tries.some(({ outcome }) => outcome === 'unknown') ? 1 : 0;
    return times <= most ? [] : [`${most === 0 ? 'refused' : 'not answered'}, and happened ${times} times: ${effect}`];
  });
  const gone = new Set(happened.keys().filter((effect) => effect.startsWith('deleted:')));
  const unasked = [...happened.keys()].filter((effect) => !asked.has(effect) && !isLossOf(effect, gone));
  return [...faults, ...(unasked.length > 0 ? [`happened, and nobody asked for it: ${some(unasked)}`] : [])];
};

/** A deleted member left its groups. */
const isLossOf = (effect: Effect, gone: ReadonlySet<Effect>): boolean =>
  effect.startsWith('removed:') && gone.has(`deleted:${effect.split('/')[1] ?? ''}`);

/** A lane asks one thing after the other, so what was acknowledged to it stands in the log in this order. */
export const inOrderOfAsking = (attempts: readonly Attempt[], changes: readonly TopicRecord[]): readonly string[] => {
  const tries = Map.groupBy(
    attempts.flatMap(({ effects }) => effects),
    (effect) => effect,
  );
  const sequences = new Map(
    changes.flatMap((record) => effectsOf(record).map((effect) => [effect, record.headers['ce_sequence'] ?? ''])),
  );
  return [...Map.groupBy(attempts, ({ lane }) => lane)].flatMap(([lane, own]) => {
    // What was asked twice may have come true at the first time.
    const certain = own.filter(
      ({ effects, outcome }) => outcome === 'acknowledged' && tries.get(effects[0] ?? 'marker:')?.length === 1,
    );
    const found = certain.flatMap(({ effects: [effect] }) =>
      effect === undefined ? [] : (sequences.get(effect) ?? []),
    );
    return found.some((sequence, index) => index > 0 && sequence < (found[index - 1] ?? ''))
      ? [`${lane}: what was acknowledged stands in the log in another order`]
      : [];
  });
};

const effectsOf = ({ headers, value }: TopicRecord): readonly Effect[] => {
  const change = value as Change;
  switch (headers['ce_type']) {
    case 'user.created':
      return [`marker:${change.title}`];
    case 'group.created':
      return [`marker:${change.displayName}`];
    case 'user.updated':
      return change.changed?.title === undefined ? [] : [`marker:${change.changed.title}`];
    case 'group.updated':
      return [`marker:${change.changed?.displayName}`];
    case 'user.deleted':
    case 'group.deleted':
      return [`deleted:${change.id}`];
    case 'group.members_added':
      return membersOf(change).map((member): Effect => `added:${change.id}/${member}`);
    case 'group.members_removed':
      return change.cause === undefined
        ? membersOf(change).map((member): Effect => `removed:${change.id}/${member}`)
        : [];
    default:
      return [];
  }
};

interface Change {
  readonly id: string;
  readonly userName?: string;
  readonly title?: string;
  readonly displayName?: string;
  readonly active?: boolean;
  readonly changed?: Partial<Pick<User, 'userName' | 'title'> & Pick<Group, 'displayName'>>;
  readonly members?: readonly (string | { readonly value: string })[];
  readonly cause?: object;
}

const membersOf = ({ members = [] }: Change): readonly string[] =>
  members.map((member) => (typeof member === 'string' ? member : member.value));

/** Folds a tenant's changes, watching that no two users ever have one name. */
export const directoryOf = (changes: readonly TopicRecord[]): Directory & { readonly faults: readonly string[] } => {
  const users = new Map<string, User>();
  const groups = new Map<string, Group>();
  const names = new Map<string, string>();
  const faults: string[] = [];
  const setUser = (user: User): void => {
    const before = users.get(user.id);
    if (before !== undefined) names.delete(before.userName);
    if (names.has(user.userName)) faults.push(`two users have the name ${user.userName}`);
    names.set(user.userName, user.id);
    users.set(user.id, user);
  };
  for (const { headers, value } of changes) {
    const change = value as Change;
    const { id } = change;
    const [user, group] = [users.get(id), groups.get(id)];
    const type = headers['ce_type'];
    if (type === 'user.created')
      setUser({ id, userName: change.userName ?? '', title: change.title ?? '', active: change.active ?? true });
    if (type === 'group.created') groups.set(id, { id, displayName: change.displayName ?? '', members: [] });
    if (user !== undefined) {
      if (type === 'user.updated') setUser({ ...user, ...pick(change.changed, ['userName', 'title']) });
      if (type === 'user.deactivated') setUser({ ...user, active: false });
      if (type === 'user.reactivated') setUser({ ...user, active: true });
      if (type === 'user.deleted') {
        users.delete(id);
        names.delete(user.userName);
      }
    }
    if (group !== undefined) {
      const named = membersOf(change);
      if (type === 'group.updated') groups.set(id, { ...group, ...pick(change.changed, ['displayName']) });
      if (type === 'group.members_added') groups.set(id, { ...group, members: [...group.members, ...named] });
      if (type === 'group.members_removed')
        groups.set(id, { ...group, members: group.members.filter((member) => !named.includes(member)) });
      if (type === 'group.deleted') groups.delete(id);
    }
  }
  const lingering = [...groups.values()].flatMap(({ members }) => members.filter((member) => !users.has(member)));
  if (lingering.length > 0) faults.push(`members of groups who are gone: ${some(lingering)}`);
  return { users, groups, faults };
};

const pick = <T extends object, K extends keyof T>(from: T | undefined, names: readonly K[]): Partial<T> =>
  Object.fromEntries(names.flatMap((name) => (from?.[name] === undefined ? [] : [[name, from[name]]]))) as Partial<T>;
