import { SeededRandom } from './seeded-random.js';

export const targets = ['scim-api', 'scim-api-2', 'projector', 'publisher', 'kafka', 'postgres'] as const;
export type Target = (typeof targets)[number];

export type FaultKind = 'kill' | 'pause' | 'drop connections' | 'fill connections';

/** What happens to whom. */
export interface Fault {
  readonly kind: FaultKind;
  readonly target: Target;
  /** After the start of the load. */
  readonly atMs: number;
  /** How long it stays down, paused or full. */
  readonly forMs: number;
}

const LONGEST_MS: Readonly<Record<FaultKind, number>> = {
  kill: 1_500,
  pause: 3_000,
  'drop connections': 0,
  'fill connections': 1_500,
};

/**
 * The faults of one round, in order of time: every target is killed at least once, connections are dropped and used up at least once, and
 * what is left of about one fault a second is drawn freely. The same seed and length give the same faults.
 */
export const planFaults = (seed: number, lengthMs: number): readonly Fault[] => {
  const random = new SeededRandom(seed, 'schedule');
  const certain: readonly (readonly [FaultKind, Target])[] = [
    ...targets.map((target) => ['kill', target] as const),
    ['drop connections', 'postgres'],
    ['fill connections', 'postgres'],
  ];
  const more = Math.max(0, Math.round(lengthMs / 1_000) - certain.length);
  const drawn = Array.from({ length: more }, () => drawFault(random));
  const times = [...certain, ...drawn].map(() => random.between(500, lengthMs)).sort((a, b) => a - b);
  return random.shuffled([...certain, ...drawn]).map(([kind, target], index) => ({
    kind,
    target,
    atMs: times[index] ?? 0,
    forMs: random.between(Math.min(200, LONGEST_MS[kind]), LONGEST_MS[kind]),
  }));
};

const drawFault = (random: SeededRandom): readonly [FaultKind, Target] => {
  const kind = random.weighted<FaultKind>([
    ['kill', 5],
    ['pause', 4],
    ['drop connections', 2],
    ['fill connections', 1],
  ]);
  if (kind === 'kill' || kind === 'pause') return [kind, random.pick(targets) ?? 'scim-api'];
  return [kind ?? 'drop connections', 'postgres'];
};
