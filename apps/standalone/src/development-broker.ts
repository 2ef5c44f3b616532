import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Logger } from 'pino';

interface Broker {
  readonly brokers: readonly string[];
  readonly stop: () => Promise<void>;
}

type StartBroker = (options: { dataDirectory: string; port: number; log: (line: string) => void }) => Promise<Broker>;

/** The one script that knows how to run a development broker; it stands outside the build so that it can be used alone. */
const script = join(import.meta.dirname, '..', '..', '..', '..', 'deploy', 'kafka', 'development-broker.mjs');

/**
 * Starts the development broker in the background: the system is ready without it and publishes what has gathered once it answers.
 * When none is possible here the reason is logged and publishing waits.
 */
export class DevelopmentBroker {
  private running: Broker | undefined;
  private readonly started: Promise<void>;

  constructor(dataDirectory: string, port: number, logger: Logger, onReady: (brokers: readonly string[]) => void) {
    this.started = this.start(dataDirectory, port, logger, onReady);
  }

  /** Ends the broker, also one that is still starting. */
  async stop(): Promise<void> {
    await this.started;
    await this.running?.stop();
  }

  private async start(
    directory: string,
    port: number,
    logger: Logger,
    onReady: (brokers: readonly string[]) => void,
  ): Promise<void> {
    try {
      const { startDevelopmentBroker } = (await import(pathToFileURL(script).href)) as {
        startDevelopmentBroker: StartBroker;
      };
      this.running = await startDevelopmentBroker({
        dataDirectory: directory,
        port,
        log: (line) => logger.debug({ line }, 'broker'),
      });
      onReady(this.running.brokers);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn({ reason }, 'no development Kafka: publishing waits and loses nothing');
    }
  }
}
