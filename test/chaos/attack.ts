import type { RunningSystem } from '../e2e/running-system.js';
import type { ServiceProcess } from '../e2e/service-process.js';
import type { LostPart } from './broker-link.js';
import { services, type Fault, type FaultKind, type Target } from './schedule.js';
import type { StoresOfARun, Victim } from './stores-of-a-run.js';

const LOOK_EVERY_MS = 100;

/** Carries out faults on a running system and looks after its services meanwhile, as an orchestrator does: who ends is started again. */
export class Attack {
  readonly done = new Map<string, number>();
  private readonly downOnPurpose = new Set<string>();
  private readonly victims: Readonly<Record<Target, Victim>>;
  private readonly watch: NodeJS.Timeout;

  constructor(
    private readonly system: RunningSystem,
    private readonly stores: StoresOfARun,
    private readonly complain: (what: string) => void,
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
      await delay(began + fault.atMs - Date.now());
      const before = queues.get(fault.target) ?? Promise.resolve();
      queues.set(
        fault.target,
        before.then(() => this.strike(fault)),
      );
    }
    await Promise.all(queues.values());
  }

  /** Leaves the services alone from now on. */
  stop(): void {
    clearInterval(this.watch);
  }

  private async strike({ kind, target, forMs }: Fault): Promise<void> {
    const name = `${kind} ${target}`;
    this.done.set(name, (this.done.get(name) ?? 0) + 1);
    const victim = this.victims[target];
    const { postgres, kafka } = this.stores;
    const paused = async (meanwhile: () => Promise<void>) => {
      await victim.pause();
      await meanwhile();
      await delay(forMs);
      await victim.resume();
    };
    const whileHeld = async (held: Promise<() => Promise<void>>) => {
      const giveBack = await held;
      await delay(forMs);
      await giveBack();
    };
    const commitsBroken = async (lost: LostPart) => {
      kafka.link.breakCommits(lost);
      return async () => kafka.link.breakCommits(undefined);
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
      this.complain(`${name} ended by itself:\n${service.output.slice(-2_000)}`);
      service.start();
    }
  }
}

const delay = (ms: number): Promise<void> => new Promise((go) => setTimeout(go, Math.max(0, ms)));
const mapOf = <Name extends string, T>(names: readonly Name[], of: (name: Name) => T): Readonly<Record<Name, T>> =>
  Object.fromEntries(names.map((name) => [name, of(name)])) as Record<Name, T>;
