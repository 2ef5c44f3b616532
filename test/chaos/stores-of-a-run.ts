import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../apps/standalone/src/embedded-postgres.js';
import { freePort } from '../e2e/running-system.js';
import { BrokerLink } from './broker-link.js';

/** What faults do to a process or a group of them. */
export interface Victim {
  /** Ends it by SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  revive(): Promise<void>;
  /** By SIGSTOP. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

interface Broker {
  readonly brokers: readonly string[];
  readonly stop: () => Promise<void>;
  readonly stopped: Promise<void>;
}

const run = promisify(execFile);
const silent = () => undefined;

/** A PostgreSQL and a Kafka broker that belong to this run alone, so that it may kill them. */
export class StoresOfARun {
  private constructor(
    private readonly directory: string,
    readonly postgres: PostgresVictim,
    readonly kafka: KafkaVictim,
  ) {}

  static async start(): Promise<StoresOfARun> {
    const directory = await mkdtemp(join(tmpdir(), 'rollcall-chaos-'));
    await chmod(directory, 0o755); // PostgreSQL started by root runs as another user
    const [postgres, kafka] = await Promise.all([
      PostgresVictim.start(join(directory, 'postgres')),
      KafkaVictim.start(join(directory, 'kafka')),
    ]);
    return new StoresOfARun(directory, postgres, kafka);
  }

  async stop(): Promise<void> {
    await Promise.all([this.postgres.stop(), this.kafka.stop()]);
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** What two of each service may open at most, and some. */
const CONNECTIONS = 200;

const startPostgres = (dataDirectory: string, port: number): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({ dataDirectory, port, maxConnections: CONNECTIONS, log: silent });

class PostgresVictim implements Victim {
  private stopped: number[] = [];

  private constructor(
    private readonly directory: string,
    private server: EmbeddedPostgres,
  ) {}

  static async start(directory: string): Promise<PostgresVictim> {
    return new PostgresVictim(directory, await startPostgres(directory, await freePort()));
  }

  get url(): string {
    return this.server.url;
  }

  async kill(): Promise<void> {
    process.kill(await this.postmaster(), 'SIGKILL');
    await this.server.stop(); // waits until it is gone
  }

  /** The old server's sessions notice its death and go; until they have gone a new server refuses to start. */
  async revive(): Promise<void> {
    const port = Number(new URL(this.url).port);
    const deadline = Date.now() + 30_000;
    for (;;) {
      try {
        this.server = await startPostgres(this.directory, port);
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
    }
  }

  async pause(): Promise<void> {
    const postmaster = await this.postmaster();
    signalAll([postmaster], 'SIGSTOP');
    const sessions = await run('ps', ['-o', 'pid=', '--ppid', String(postmaster)]);
    this.stopped = [postmaster, ...sessions.stdout.split('\n').map(Number).filter(Boolean)];
    signalAll(this.stopped, 'SIGSTOP');
  }

  async resume(): Promise<void> {
    signalAll(this.stopped, 'SIGCONT');
    this.stopped = [];
  }

  /** Ends every session but our own, in the middle of whatever it does. */
  async dropConnections(): Promise<void> {
    const client = new pg.Client({ connectionString: this.url, connectionTimeoutMillis: 2_000 });
    client.on('error', silent);
    try {
      await client.connect();
      await client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`,
      );
    } catch {
      // no server to be reached just now: its connections are gone anyway
    } finally {
      await client.end().catch(silent);
    }
  }

  /** Takes every connection that is left, so that nobody gets a new one, and resolves with what gives them back. */
  async fillConnections(): Promise<() => Promise<void>> {
    const taken: pg.Client[] = [];
    for (;;) {
      const client = new pg.Client({ connectionString: this.url, connectionTimeoutMillis: 2_000 });
      client.on('error', silent);
      try {
        await client.connect();
        taken.push(client);
      } catch {
        return async () => void (await Promise.all(taken.map((one) => one.end().catch(silent))));
      }
    }
  }

  /** Locks tables that every request and every follower of the log needs; resolves with what lets them go. */
  async holdTables(): Promise<() => Promise<void>> {
    const client = new pg.Client({ connectionString: this.url, connectionTimeoutMillis: 2_000 });
    client.on('error', silent);
    try {
      await client.connect();
      await client.query('BEGIN');
      await client.query('LOCK TABLE events, streams, tenant_heads, read_users IN ACCESS EXCLUSIVE MODE');
    } catch {
      // no server to be reached just now: nobody gets anything anyway
    }
    return () => client.end().catch(silent);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  private async postmaster(): Promise<number> {
    const [pid] = (await readFile(join(this.directory, 'cluster', 'postmaster.pid'), 'utf8')).split('\n');
    return Number(pid);
  }
}

class KafkaVictim implements Victim {
  private constructor(
    private readonly directory: string,
    private server: Broker,
    /** What everybody reaches the broker through. */
    readonly link: BrokerLink,
  ) {}

  static async start(directory: string): Promise<KafkaVictim> {
    const server = await startBroker(directory, await freePort());
    return new KafkaVictim(directory, server, await BrokerLink.start(portOf(server)));
  }

  async kill(): Promise<void> {
    await this.signal('SIGKILL');
    await this.server.stopped;
  }

  async revive(): Promise<void> {
    this.server = await startBroker(this.directory, portOf(this.server));
  }

  pause(): Promise<void> {
    return this.signal('SIGSTOP');
  }

  resume(): Promise<void> {
    return this.signal('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.link.stop();
    await this.server.stop();
  }

  private async signal(signal: NodeJS.Signals): Promise<void> {
    const { broker } = JSON.parse(await readFile(join(this.directory, 'kafka.pid'), 'utf8')) as { broker: number };
    signalAll([broker], signal);
  }
}

const signalAll = (pids: readonly number[], signal: NodeJS.Signals): void => {
  for (const pid of pids)
    try {
      process.kill(pid, signal);
    } catch {
      // a session may have ended meanwhile
    }
};

const portOf = ({ brokers }: Broker): number => Number(brokers[0]?.split(':')[1]);

/** Not a literal `import()`: the script stands outside of what is compiled. */
const script: string = '../../deploy/kafka/development-broker.mjs';

const startBroker = async (dataDirectory: string, port: number): Promise<Broker> => {
  const { startDevelopmentBroker } = (await import(script)) as {
    startDevelopmentBroker: (options: { dataDirectory: string; port: number }) => Promise<Broker>;
  };
  return startDevelopmentBroker({ dataDirectory, port });
};
