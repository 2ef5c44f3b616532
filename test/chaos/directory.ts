import type { TopicRecord } from '../e2e/topics.js';

export interface User {
  readonly id: string;
  readonly userName: string;
  readonly title: string;
  readonly active: boolean;
}

export interface Group {
  readonly id: string;
  readonly displayName: string;
}

/** A tenant's directory as one witness tells it. */
export interface Directory {
  readonly users: readonly User[];
  readonly groups: readonly Group[];
  /** `{group}/{member}`. */
  readonly memberships: readonly string[];
}

const SHOWN = 5;

/** The first few of them, and how many more there are. */
export const some = (items: readonly string[]): string =>
  items.slice(0, SHOWN).join(', ') + (items.length > SHOWN ? ` and ${items.length - SHOWN} more` : '');

/** Where two witnesses disagree. */
export const differences = (
  [left, one]: readonly [string, Partial<Directory>],
  [right, other]: readonly [string, Partial<Directory>],
): readonly string[] =>
  (['users', 'groups', 'memberships'] as const).flatMap((what) => {
    const [mine, theirs] = [one[what], other[what]].map((items) => items?.map((item) => JSON.stringify(item)));
    if (mine === undefined || theirs === undefined) return [];
    const twice = [mine, theirs].some((items) => new Set(items).size !== items.length);
    const [here, there] = [new Set(mine), new Set(theirs)];
    return [
      ...(twice ? [`${what} twice in ${left} or ${right}`] : []),
      ...only(`${what} in ${left}, not in ${right}`, here.difference(there)),
      ...only(`${what} in ${right}, not in ${left}`, there.difference(here)),
    ];
  });

const only = (title: string, items: ReadonlySet<string>): readonly string[] =>
  items.size === 0 ? [] : [`${title}: ${some([...items])}`];

/** What is left when only the last record of each key is kept, as compaction does in the end. */
export const compacted = (records: readonly TopicRecord[]): Directory => {
  const last = new Map(records.map((record) => [`${topicKind(record)} ${record.key}`, record]));
  const alive = (kind: string) =>
    [...last.values()].filter((record) => topicKind(record) === kind && record.value !== null);
  return {
    users: alive('users').map(({ value }) => {
      const { id, userName, title, active } = value as User;
      return { id, userName, title, active };
    }),
    groups: alive('groups').map(({ value }) => {
      const { id, displayName } = value as Group;
      return { id, displayName };
    }),
    memberships: alive('memberships').map(({ key }) => key.slice(key.indexOf('/') + 1)),
  };
};

/** Of `{prefix}.users.v1`: `users`. */
export const topicKind = ({ topic }: TopicRecord): string => topic.split('.').at(-2) ?? '';
