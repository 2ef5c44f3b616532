import type { RunningSystem } from '../e2e/running-system.js';
import type { ServiceProcess } from '../e2e/service-process.js';
import type { Journal } from './attempts.js';
import type { LostPart } from './broker-link.js';
import { services, type Fault, type FaultKind, type Target } from './schedule.js';
import type { StoresOfARun, Victim } from './stores-of-a-run.js';

const LOOK_EVERY_MS = 100;
/** Writes acknowledged between two faults, so that a slow machine is not only ever down; and for how long they are waited for. */
const WORK_BETWEEN = 25;
const WORK_WITHIN_MS = 6_000;
/** How long commits are broken at most when none comes by. */
const COMMIT_WITHIN_MS = 30_000;

/** Carries out faults on a running system and looks after its services meanwhile, as an orchestrator does: who ends is started again. */
export class Attack {
  readonly done = new Map<string, number>();
  private readonly downOnPurpose = new Set<string>();
  private readonly victims: Readonly<Record<Target, Victim>>;
  private readonly watch: NodeJS.Timeout;

  constructor(
    private readonly system: RunningSystem,
    private readonly stores: StoresOfARun,
    private readonly journal: Journal,
  ) {
    this.victims = {
      ...mapOf(services, (name) => this.serviceVictim(name)),
      kafka: stores.kafka,
      postgres: stores.postgres,
    };
    this.watch = setInterval(() => this.startAgain(), LOOK_EVERY_MS);
  }

  /** Resolves when every fault is over and every victim is up again. One target suffers one fault at a time, in the order of the plan. */
  async run(faults: readonly Fault[]): Promise<void> {
    const began = Date.now();
    const queues = new Map<Target, Promise<void>>();
    for (const fault of faults) {
      const before = this.journal.count('acknowledged');
      await delay(began + fault.atMs - Date.now());
      await soon(WORK_WITHIN_MS, () => this.journal.count('acknowledged') >= before + WORK_BETWEEN);
      const earlier = queues.get(fault.target) ?? Promise.resolve();
      queues.set(
        fault.target,
        earlier.then(() => this.strike(fault)),
      );
    }
    await Promise.all(queues.values());
  }

  /** Kills all who follow the log, does the work, and starts them again: what was written last has woken nobody and must be found all the same. */
  async whileNobodyFollows(work: () => Promise<void>): Promise<void> {
    const followers = services.filter((name) => /^(projector|publisher)/.test(name));
    for (const name of followers) this.note(`kill ${name}`);
    await Promise.all(followers.map((name) => this.victims[name].kill()));
    await work();
    await Promise.all(followers.map((name) => this.victims[name].revive()));
  }

  /** Leaves the services alone from now on. */
  stop(): void {
    clearInterval(this.watch);
  }

  private async strike({ kind, target, forMs }: Fault): Promise<void> {
    this.note(`${kind} ${target}`);
    const victim = this.victims[target];
    const { postgres, kafka } = this.stores;
    const paused = async (meanwhile: () => Promise<void>) => {
      await victim.pause();
      try {
        await meanwhile();
        await delay(forMs);
      } finally {
        await victim.resume(); // who is stopped hears no other signal
      }
    };
    const whileHeld = async (held: Promise<() => Promise<void>>) => {
      const giveBack = await held;
      await delay(forMs);
      await giveBack();
    };
    const commitsBroken = async (lost: LostPart) => {
      const { broken } = kafka.link;
      kafka.link.breakCommits(lost);
      return async () => {
        await soon(COMMIT_WITHIN_MS, () => kafka.link.broken > broken);
        kafka.link.breakCommits(undefined);
      };
    };
    const strikes: Readonly<Record<FaultKind, () => Promise<void>>> = {
      kill: async () => {
        await victim.kill();
        await delay(forMs);
        await victim.revive();
      },
      pause: () => paused(async () => undefined),
      usurp: () => paused(() => postgres.dropConnections()),
      'drop connections': async () => (target === 'kafka' ? kafka.link.cut() : postgres.dropConnections()),
      'fill connections': () => whileHeld(postgres.fillConnections()),
      'fill pools': () => whileHeld(postgres.holdTables()),
      'lose requests of commits': () => whileHeld(commitsBroken('request')),
      'lose answers to commits': () => whileHeld(commitsBroken('answer')),
    };
    await strikes[kind]();
  }

  private note(fault: string): void {
    this.done.set(fault, (this.done.get(fault) ?? 0) + 1);
  }

  private serviceVictim(name: string): Victim {
    const service = (): ServiceProcess => {
      const found = this.system.services.get(name);
      if (found === undefined) throw new Error(`There is no service ${name}.`);
      return found;
    };
    const signal = (what: NodeJS.Signals): void => {
      const { pid } = service();
      if (pid !== undefined) process.kill(pid, what);
    };
    return {
      kill: async () => {
        this.downOnPurpose.add(name);
        await service().end('SIGKILL');
      },
      revive: async () => {
        service().start();
        this.downOnPurpose.delete(name);
      },
      pause: async () => signal('SIGSTOP'),
      resume: async () => signal('SIGCONT'),
    };
  }

  /** No service may end by itself, whatever happens to the others. */
  private startAgain(): void {
    for (const [name, service] of this.system.services) {
      if (service.isAlive || this.downOnPurpose.has(name)) continue;
      this.journal.complain(`${name} ended by itself:\n${service.output.slice(-2_000)}`);
      service.start();
    }
  }
}

/** Resolves when it holds, or when the time is over. */
const soon = async (withinMs: number, holds: () => boolean): Promise<void> => {
  const deadline = Date.now() + withinMs;
  while (!holds() && Date.now() < deadline) await delay(LOOK_EVERY_MS);
};

const delay = (ms: number): Promise<void> => new Promise((go) => setTimeout(go, Math.max(0, ms)));
const mapOf = <Name extends string, T>(names: readonly Name[], of: (name: Name) => T): Readonly<Record<Name, T>> =>
  Object.fromEntries(names.map((name) => [name, of(name)])) as Record<Name, T>;
