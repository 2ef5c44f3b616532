import { setTimeout as pause } from 'node:timers/promises';
import type { DynamicModule } from '@nestjs/common';
import type { Logger } from 'pino';
import { v7 as newId } from 'uuid';
import { accessEntities } from '#access';
import { EnvelopeSealer, LocalMasterKey, PostgresKeyStore } from '#encryption';
import { CommandRunner, EventStore } from '#event-sourcing';
import { PostgresEventLog } from '#event-store-postgres';
import { createServiceDataSource, createServicePool, TenantDatabase } from '#postgres';
import type { Settings, Shutdown } from '#runtime';
import { tenancyEvents } from '#tenancy';
import { AuthModule } from './auth.module.js';

/** Opens what auth stands on when it is a process of its own, and registers its closing. Throws when a store cannot be reached. */
export const openAuth = async (settings: Settings, logger: Logger, shutdown: Shutdown): Promise<DynamicModule> => {
  const { DATABASE_URL, MASTER_KEY, ADMIN_TOKEN, EVENT_LOG, PUBLIC_URL } = settings;
  if (DATABASE_URL === undefined || MASTER_KEY === undefined || ADMIN_TOKEN === undefined)
    throw new Error('auth needs DATABASE_URL, MASTER_KEY and ADMIN_TOKEN.');
  if (EVENT_LOG !== 'postgres') throw new Error(`auth cannot use EVENT_LOG=${EVENT_LOG} yet.`);

  const database = createServiceDataSource({
    url: DATABASE_URL,
    entities: accessEntities,
    applicationName: 'rollcall-auth',
  });
  await database.initialize();
  shutdown.add('control-plane rows', () => database.destroy());
  const onIdleError = (error: Error) => logger.warn({ err: error }, 'an idle database connection broke');
  const pool = createServicePool({ url: DATABASE_URL, applicationName: 'rollcall-auth-log', onIdleError });
  shutdown.add('event log', () => pool.end());

  const keyManagement = new LocalMasterKey(MASTER_KEY);
  const sealer = new EnvelopeSealer(new PostgresKeyStore(new TenantDatabase(pool)), keyManagement);
  const store = new EventStore(
    new PostgresEventLog(pool),
    sealer,
    tenancyEvents,
    () => newId(),
    () => undefined,
  );
  const runner = new CommandRunner(store, sealer, {
    retryForMs: 5000,
    maxBatch: 100,
    cachedStates: 1000,
    delay: (ms) => pause(ms),
    random: Math.random,
    now: () => new Date(),
    monotonicMs: () => performance.now(),
  });
  return AuthModule.register({
    publicUrl: PUBLIC_URL,
    adminToken: ADMIN_TOKEN,
    database,
    store,
    runner,
    keyManagement,
    logger,
  });
};
