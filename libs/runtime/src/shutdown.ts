import type { Logger } from 'pino';

const SAME_SIGNAL_MS = 2_000;

type Step = { readonly name: string; readonly close: () => Promise<unknown> | void };

/**
 * Closes what was opened, last first, once, when the process is told to stop (SIGTERM, SIGINT) or `close` is called. A second signal, or
 * the time limit, ends the process at once. One Ctrl-C reaches a process several times, from the terminal and from each parent that passes it on:
 * what comes within two seconds is the same signal.
 */
export class Shutdown {
  private readonly steps: Step[] = [];
  private closing: Promise<void> | undefined;

  constructor(
    private readonly logger: Logger,
    private readonly limitMs = 30_000,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  /** Registers something to close; later registrations are closed earlier. */
  add(name: string, close: Step['close']): void {
    this.steps.push({ name, close });
  }

  /** Listens for the signals; `exit` ends the process afterwards. */
  listen(exit: (code: number) => void, signals: Pick<NodeJS.EventEmitter, 'on'> = process): void {
    let toldAt: number | undefined;
    for (const signal of ['SIGTERM', 'SIGINT'])
      signals.on(signal, () => {
        const now = this.monotonicMs();
        if (toldAt !== undefined) return now - toldAt < SAME_SIGNAL_MS ? undefined : exit(1);
        toldAt = now;
        setTimeout(() => exit(1), this.limitMs).unref();
        this.logger.info({ signal }, 'shutting down');
        this.close().then(
          () => exit(0),
          () => exit(1),
        );
      });
  }

  /** Resolves when everything is closed. One step's failure does not keep the others open. */
  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    for (const { name, close } of [...this.steps].reverse()) {
      try {
        await close();
      } catch (error) {
        this.logger.error({ err: error, step: name }, 'closing failed');
      }
    }
  }
}
