import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { v7 as newId } from 'uuid';
import { groupStream, userStream, type GroupCommand, type UserCommand } from '#directory';
import type { EventMetadata } from '#event-sourcing';
import { defaultBatchEvents, DirectoryProjector, Generations, Sweeper } from '#read-model';
import { createLogger, loadSettings, migrate, openStores, Shutdown, startService, type Stores } from '#runtime';
import { userSchema } from '#scim';
import { createTestDatabase } from '#testing';
import { composeAuth } from '../src/compose.js';

/** Who writes users and groups here. */
export const provisioner: EventMetadata = {
  actor: { kind: 'token', id: 'okta' },
  requestId: 'req-1',
  correlationId: 'req-1',
  txn: 'txn-1',
};

export interface Item {
  readonly [name: string]: unknown;
  readonly type: string;
}
export interface Body {
  readonly error?: { readonly code: string };
  readonly items: readonly Item[];
  readonly events: readonly Item[];
  readonly nextCursor?: string;
}

/** PATCH that gives a user another title. */
export const retitle = (title: string): UserCommand => ({
  type: 'PatchUser',
  data: { operations: [{ op: 'replace', path: 'title', value: title }], schema: userSchema },
});

/** The auth service with tenants acme and globex, and another process on the same log that does what scim-api and projector do. */
export const startDirectoryAdmin = async () => {
  const secrets = { ADMIN_TOKEN: randomBytes(24).toString('hex'), MASTER_KEY: randomBytes(32).toString('base64') };
  const logger = createLogger('silent', 'auth');
  const shutdown = new Shutdown(logger);
  const database = await createTestDatabase([]);
  await migrate(database.ownerUrl);
  const env = { ...secrets, DATABASE_URL: database.ownerUrl, PUBLIC_URL: 'https://id.example', PORT: '0' };
  const settings = { ...loadSettings(env, 'auth'), DATABASE_URL: database.ownerUrl, MASTER_KEY: secrets.MASTER_KEY };
  const app = await startService('auth', settings, composeAuth, { logger, shutdown });
  const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  const options = { databaseUrl: database.ownerUrl, masterKey: secrets.MASTER_KEY, service: 'elsewhere' };
  const elsewhere = openStores(settings, options, logger);

  const ask = (
    method: string,
    path: string,
    { body, lines, accept }: { body?: unknown; lines?: string; accept?: string } = {},
  ) =>
    fetch(`${url}/admin/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${secrets.ADMIN_TOKEN}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(lines === undefined ? {} : { 'content-type': 'application/x-ndjson' }),
        ...(accept === undefined ? {} : { accept }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(lines === undefined ? {} : { body: lines }),
    });
  const admin = async (method: string, path: string, init: { body?: unknown } = {}) => {
    const response = await ask(method, path, init);
    return { status: response.status, body: (response.status === 204 ? {} : await response.json()) as Body };
  };
  const run = (resourceId: string, command: UserCommand) =>
    elsewhere.runner.run(userStream, { tenantId: 'acme', resourceId, command, metadata: provisioner });
  const groups = groupStream(elsewhere.log, elsewhere.edges);
  const runGroup = (resourceId: string, command: GroupCommand) =>
    elsewhere.runner.run(groups, { tenantId: 'acme', resourceId, command, metadata: provisioner });

  for (const id of ['acme', 'globex']) await admin('POST', '/tenants', { body: { id, displayName: id } });
  return {
    url,
    ownerUrl: database.ownerUrl,
    elsewhere,
    /** As the operator. */
    ask,
    admin,
    run,
    runGroup,

    /** Status and code of an answer. */
    async refusal(method: string, path: string, init: { body?: unknown } = {}) {
      const { status, body } = await admin(method, path, init);
      return [status, body.error?.code];
    },

    async newUser(userName: string, more: object = {}): Promise<string> {
      const id = newId();
      await run(id, { type: 'CreateUser', data: { attributes: { userName, ...more }, active: true } });
      return id;
    },

    async newGroup(displayName: string, members: readonly string[]): Promise<string> {
      const id = newId();
      const added = { kind: 'replace', members: members.map((value) => ({ value })) } as const;
      await runGroup(id, { type: 'CreateGroup', data: { attributes: { displayName }, members: added } });
      return id;
    },

    /** Follows `nextCursor` to the end. */
    async pages(path: string, list: 'items' | 'events'): Promise<readonly Item[]> {
      const found: Item[] = [];
      let cursor = '';
      for (;;) {
        const { body } = await admin('GET', `${path}${cursor}`);
        found.push(...body[list]);
        if (body.nextCursor === undefined) return found;
        cursor = `&cursor=${body.nextCursor}`;
      }
    },

    project: (tenantId = 'acme') => project(elsewhere, tenantId),

    async close(): Promise<void> {
      await elsewhere.close();
      await shutdown.close();
      await database.drop();
    },
  };
};

export type DirectoryAdmin = Awaited<ReturnType<typeof startDirectoryAdmin>>;

/** Brings all fillings of the tenant to the log's head, promotes what was built and removes what it replaced, as a projector does. */
const project = async ({ database, store }: Pick<Stores, 'database' | 'store'>, tenantId: string): Promise<void> => {
  const generations = new Generations(database.pool);
  const options = { worker: 'spec', leaseMs: 1000, batchEvents: defaultBatchEvents };
  const projector = new DirectoryProjector(store, database, generations, options);
  for (const begun of await generations.begin(tenantId)) {
    let filling = begun;
    for (;;) {
      const applied = await projector.apply(filling, await projector.read(filling));
      if (applied.kind === 'ended') return project({ database, store }, tenantId);
      if (applied.kind !== 'applied') throw new Error(`The filling is ${applied.kind}.`);
      if (applied.events.length === 0) break;
      filling = { ...filling, sequence: applied.filling.sequence };
    }
    if (filling.status === 'building') await generations.promote(filling);
  }
  const sweeper = new Sweeper(database);
  while (await sweeper.sweep(tenantId));
};
