import type { TopicRecord } from '../e2e/topics.js';
import type { Attempt, Effect } from './attempts.js';
import { membersOf, type Change } from './changes.js';
import { some } from './directory.js';

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

/** As onceAndInOrder, for a topic where one event has several records, in any order among themselves. */
export const inTenantOrder = (
  topic: string,
  expected: readonly string[],
  read: readonly TopicRecord[],
): readonly string[] => {
  const sequences = read.map(({ headers }) => headers['ce_sequence'] ?? '');
  const idOf = ({ headers }: TopicRecord) => headers['ce_id'] ?? '';
  const faults = onceAndInOrder(
    topic,
    [...expected].sort(),
    read.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1)),
  );
  const isOrdered = sequences.every((sequence, index) => index === 0 || sequence >= (sequences[index - 1] ?? ''));
  return isOrdered ? faults : [...faults, `${topic} is out of order`];
};

/** Events that readers of the publisher's last position would not think published. */
export const unpublished = (
  logged: readonly { readonly id: string; readonly sequence: number }[],
  positions: readonly TopicRecord[],
): readonly string[] => {
  const { sequence = 0, offset } = (positions.at(-1)?.value ?? {}) as { sequence?: number; offset?: number };
  const beyond = logged.filter((event) => event.sequence > sequence).map(({ id }) => id);
  return beyond.length === 0 && offset === undefined
    ? []
    : [`the publisher stands at ${sequence}${offset === undefined ? '' : ` and ${offset}`}, before ${some(beyond)}`];
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
