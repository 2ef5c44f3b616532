import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Controller, Get, Module, UseGuards, type DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { v7 as newId } from 'uuid';
import {
  accessEntities,
  accessMigrations,
  AccessDenied,
  AccessModule,
  CachedTokenDirectory,
  CurrentActor,
  LastUse,
  PostgresTokenDirectory,
  remoteKeys,
  Tenant,
  TenantGuard,
  type PublicKeys,
} from '#access';
import { LocalMasterKey } from '#encryption';
import { CommandRunner, EventStore, type Actor } from '#event-sourcing';
import { eventLogMigrations, PostgresEventLog } from '#event-store-postgres';
import { createServiceDataSource, createServicePool, TenantDatabase } from '#postgres';
import { createHttpApplication, createLogger, ErrorFormats, loadSettings, RuntimeModule } from '#runtime';
import { createTestDatabase, InMemorySealer, type TestDatabase } from '#testing';
import { tenancyEvents } from '#tenancy';
import { AuthModule } from '../src/auth.module.js';

export const ADMIN_TOKEN = 'operator-token-of-this-test';
export const ISSUER = 'https://id.example';

/** A resource server's endpoint, to see who is let in. */
@Controller('t/:tenant/scim/v2/Probe')
@UseGuards(TenantGuard)
class ProbeController {
  @Get()
  whoIsIt(@Tenant() tenant: string, @CurrentActor() actor: Actor) {
    return { tenant, actor };
  }
}

@Module({})
class ProbeModule {
  static register(access: DynamicModule): DynamicModule {
    return { module: ProbeModule, imports: [access], controllers: [ProbeController] };
  }
}

@Module({})
class ReplicaModule {}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined when there is no body. */
  readonly body: unknown;
}

/** One auth process with a resource server beside it, listening. */
export interface Replica {
  readonly url: string;
  readonly app: NestFastifyApplication;
  request(method: string, path: string, init?: { headers?: Record<string, string>; body?: unknown }): Promise<Answer>;
  /** As the operator. */
  admin(method: string, path: string, body?: unknown): Promise<Answer>;
  /** A form to the token endpoint. */
  token(form: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
  /** What a resource server says to that Authorization header. */
  probe(tenant: string, authorization?: string): Promise<Answer>;
}

/** Replicas that share a database, a log and a master key, as in production. */
export class AuthReplicas {
  readonly masterKey = randomBytes(32).toString('base64');
  private readonly closers: (() => Promise<unknown>)[] = [];

  private constructor(readonly database: TestDatabase) {}

  static async create(): Promise<AuthReplicas> {
    return new AuthReplicas(await createTestDatabase([...eventLogMigrations, ...accessMigrations]));
  }

  async dataSource(): Promise<DataSource> {
    const source = createServiceDataSource({
      url: this.database.ownerUrl,
      entities: accessEntities,
      applicationName: 'auth-test',
      max: 5,
    });
    await source.initialize();
    this.closers.push(() => source.destroy());
    return source;
  }

  /** Connections of its own, as each process has. */
  pool(): Pool {
    const pool = createServicePool({ url: this.database.ownerUrl, applicationName: 'auth-test', max: 6 });
    this.closers.push(() => pool.end());
    return pool;
  }

  async start({ now = () => new Date() }: { readonly now?: () => Date } = {}): Promise<Replica> {
    const database = await this.dataSource();
    const pool = this.pool();
    const store = new EventStore(
      new PostgresEventLog(pool),
      new InMemorySealer(),
      tenancyEvents,
      () => newId(),
      () => undefined,
    );
    const logger = createLogger('silent', 'auth');
    const settings = loadSettings({ PUBLIC_URL: ISSUER, PORT: '0' }, 'standalone');
    const auth = AuthModule.register({
      publicUrl: ISSUER,
      adminToken: ADMIN_TOKEN,
      database,
      tenantDatabase: new TenantDatabase(pool),
      store,
      runner: new CommandRunner(store, new InMemorySealer(), runnerOptions),
      keyManagement: new LocalMasterKey(this.masterKey),
      allowInternalKeyUrls: true,
      logger,
      now,
    });
    let internalUrl = '';
    let remote: PublicKeys | undefined;
    const keys: PublicKeys = (header) => (remote ??= remoteKeys(`${internalUrl}/oauth2/jwks`))(header);
    const lastUse = new LastUse(pool, () => undefined);
    const directory = new CachedTokenDirectory(new PostgresTokenDirectory(pool));
    const access = AccessModule.register({ publicUrl: ISSUER, keys, directory, lastUse });
    const module = {
      module: ReplicaModule,
      imports: [RuntimeModule.register(settings, logger), auth, ProbeModule.register(access)],
    };
    const app = await createHttpApplication(module, settings, logger);
    app.get(ErrorFormats).register(/^\/t\//, plainDenial);
    await app.listen(0, '127.0.0.1');
    this.closers.push(() => app.close());
    internalUrl = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
    return replicaAt(internalUrl, app);
  }

  async close(): Promise<void> {
    for (const close of this.closers.reverse()) await close();
    await this.database.drop();
  }
}

const runnerOptions = {
  retryForMs: 5000,
  maxBatch: 100,
  cachedStates: 100,
  delay: (ms: number) => pause(ms),
  random: Math.random,
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};

const plainDenial = (error: unknown) => {
  const denied = error instanceof AccessDenied ? error : undefined;
  return {
    status: denied?.status ?? 500,
    contentType: 'application/json',
    headers: denied?.headers ?? {},
    body: { detail: denied?.message },
  };
};

const replicaAt = (url: string, app: NestFastifyApplication): Replica => {
  const request: Replica['request'] = async (method, path, { headers = {}, body } = {}) => {
    const json = body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' };
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const init = { method, headers: { ...json, ...headers }, ...(text === undefined ? {} : { body: text }) };
    const response = await fetch(`${url}${path}`, init);
    const answered = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: answered === '' ? undefined : (JSON.parse(answered) as unknown),
    };
  };
  return {
    url,
    app,
    request,
    admin: (method, path, body) =>
      request(method, `/admin/v1${path}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` }, body }),
    token: (form, headers = {}) =>
      request('POST', '/oauth2/token', {
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams(form).toString(),
      }),
    probe: (tenant, authorization) =>
      request('GET', `/t/${tenant}/scim/v2/Probe`, { headers: authorization === undefined ? {} : { authorization } }),
  };
};

/** Asks again until the answer has that status; returns the last one when the time is up. */
export const until = async (status: number, ask: () => Promise<Answer>, withinMs = 5000): Promise<Answer> => {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer.status === status || performance.now() > deadline) return answer;
    await pause(50);
  }
};

/** Reads one text out of an answer. Throws when it is not there. */
export const textOf = ({ body, status }: Answer, field: string): string => {
  const value = (body as Record<string, unknown> | undefined)?.[field];
  if (typeof value !== 'string') throw new Error(`The answer (${status}) has no ${field}: ${JSON.stringify(body)}`);
  return value;
};
