import { SeededRandom } from './seeded-random.js';

export const services = [
  'auth',
  'scim-api',
  'scim-api-2',
  'projector',
  'projector-2',
  'publisher',
  'publisher-2',
] as const;
export type Service = (typeof services)[number];

export const targets = [...services, 'kafka', 'postgres'] as const;
export type Target = (typeof targets)[number];

/** Every target can be killed and paused; each other fault has its own. */
const targetsOf = {
  /** SIGKILL; after a while it is started again. */
  kill: targets,
  /** SIGSTOP, later SIGCONT. */
  pause: targets,
  /** Paused while its sessions end: another takes over what it held, and it comes back believing that it still does. */
  usurp: ['projector', 'projector-2', 'publisher', 'publisher-2'],
  'drop connections': ['kafka', 'postgres'],
  /** Nobody gets a new connection. */
  'fill connections': ['postgres'],
  /** Statements wait for a lock until every pool is used up. */
  'fill pools': ['postgres'],
  /** Connections are cut in the middle of commits: before the broker has seen them, or before it has answered. */
  'lose requests of commits': ['kafka'],
  'lose answers to commits': ['kafka'],
} as const satisfies Readonly<Record<string, readonly Target[]>>;

export type FaultKind = keyof typeof targetsOf;

/** What happens to whom. */
export interface Fault {
  readonly kind: FaultKind;
  readonly target: Target;
  /** After the start of the load. */
  readonly atMs: number;
  /** How long it stays down, paused or full. */
  readonly forMs: number;
}

/** Between two faults, on average: enough for work to be done and answered, too little for everything to be well again. */
const EVERY_MS = 1_500;

const LONGEST_MS: Readonly<Record<FaultKind, number>> = {
  kill: 1_500,
  pause: 3_000,
  usurp: 3_000,
  'drop connections': 0,
  'fill connections': 1_500,
  'fill pools': 2_000,
  'lose requests of commits': 1_000,
  'lose answers to commits': 1_000,
};

/**
 * The faults of one round, in order of time: every target is killed at least once, each other fault happens at least once, and what is left of
 * the faults that fit in is drawn freely. The same seed and length give the same faults.
 */
export const planFaults = (seed: number, lengthMs: number): readonly Fault[] => {
  const random = new SeededRandom(seed, 'schedule');
  const kinds = Object.keys(targetsOf) as readonly FaultKind[];
  const certain = [
    ...targets.map((target) => ['kill', target] as const),
    ...kinds.filter((kind) => kind !== 'kill').map((kind) => [kind, targetFor(kind, random)] as const),
  ];
  const more = Math.max(0, Math.round(lengthMs / EVERY_MS) - certain.length);
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
  const kind =
    random.weighted<FaultKind>([
      ['kill', 10],
      ['pause', 5],
      ['usurp', 3],
      ['drop connections', 3],
      ['fill connections', 1],
      ['fill pools', 1],
      ['lose requests of commits', 2],
      ['lose answers to commits', 2],
    ]) ?? 'kill';
  return [kind, targetFor(kind, random)];
};

const targetFor = (kind: FaultKind, random: SeededRandom): Target =>
  random.pick<Target>(targetsOf[kind]) ?? targetsOf[kind][0];
