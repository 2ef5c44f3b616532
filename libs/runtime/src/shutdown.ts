import type { Logger } from 'pino';

type Step = { readonly name: string; readonly close: () => Promise<unknown> | void };

/**
 * Closes what was opened, last first, once, when the process is told to stop (SIGTERM, SIGINT) or `close` is called. A second signal or
 * the time limit ends the process at once.
 */
export class Shutdown {
  private readonly steps: Step[] = [];
  private closing: Promise<void> | undefined;

  constructor(
    private readonly logger: Logger,
    private readonly limitMs = 30_000,
  ) {}

  /** Registers something to close; later registrations are closed earlier. */
  add(name: string, close: Step['close']): void {
    this.steps.push({ name, close });
  }

  /** Listens for the signals; `exit` ends the process afterwards. */
  listen(exit: (code: number) => void, signals: Pick<NodeJS.EventEmitter, 'on'> = process): void {
    for (const signal of ['SIGTERM', 'SIGINT'])
      signals.on(signal, () => {
        if (this.closing !== undefined) return exit(1);
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
