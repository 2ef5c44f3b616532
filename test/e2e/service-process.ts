import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..', '..');
const READY_WITHIN_MS = 180_000;
const KEPT_OUTPUT = 200_000;

/** A service of the built system as a process of its own. Killed and started again it comes back at the same address. */
export class ServiceProcess {
  private child: ChildProcess | undefined;
  private kept = '';

  constructor(
    /** The folder in `apps/`. */
    private readonly service: string,
    private readonly settings: Readonly<Record<string, string>>,
    readonly url = '',
  ) {}

  /** The end of what it has printed, over all its lives. */
  get output(): string {
    return this.kept;
  }

  /** Undefined before the first start and after an end. */
  get pid(): number | undefined {
    return this.isAlive ? this.child?.pid : undefined;
  }

  get isAlive(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Starts it; `ready` tells when it can be used. */
  start(args: readonly string[] = []): void {
    const child = spawn(process.execPath, ['--enable-source-maps', `dist/apps/${this.service}/src/main.js`, ...args], {
      cwd: root,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_NO_WARNINGS: '1', ...this.settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer) => {
      this.kept = (this.kept + chunk.toString()).slice(-KEPT_OUTPUT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.child = child;
  }

  /** Resolves when it serves. Throws with its output when it ends instead, or takes too long. */
  async ready(): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    while (Date.now() < deadline) {
      if (!this.isAlive) throw new Error(`${this.service} ended:\n${this.kept}`);
      if (await this.isReady()) return;
      await new Promise((again) => setTimeout(again, 50));
    }
    throw new Error(`${this.service} was not ready in ${READY_WITHIN_MS} ms:\n${this.kept}`);
  }

  /** Asks once. */
  async isReady(): Promise<boolean> {
    const signal = AbortSignal.timeout(5_000);
    const answer = await fetch(`${this.url}/health/ready`, { signal }).catch(() => undefined);
    return answer?.status === 200;
  }

  /** Resolves when a process that ends by itself has done so. Throws with its output when it failed. */
  async finished(): Promise<void> {
    await this.ended();
    if (this.child?.exitCode !== 0)
      throw new Error(`${this.service} ended with ${this.child?.exitCode}:\n${this.kept}`);
  }

  /** Ends it with this signal and waits until it is gone. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.isAlive) return;
    const ended = this.ended();
    this.child?.kill(signal);
    await ended;
  }

  /** Resolves when the process of this life is gone. */
  private async ended(): Promise<void> {
    if (this.isAlive && this.child !== undefined) await once(this.child, 'exit');
  }
}
