import type { DynamicModule, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { environment } from './config/environment.js';
import type { Service } from './config/setting-definitions.js';
import { loadSettings, SettingsError, type Settings } from './config/settings.js';
import { createHttpApplication } from './http/http-application.js';
import { createLogger } from './observability/logger.js';
import { RuntimeModule } from './runtime.module.js';
import { Shutdown } from './shutdown.js';
import { checkMasterKey, sayWrongMasterKey } from './stores/master-key-check.js';
import { openStores, type Stores, type StoresOptions } from './stores/stores.js';
import { StoresModule } from './stores/stores.module.js';
import { Health } from './observability/health.js';

/** Settings with everything in them that a running service must have. */
export type ServiceSettings = Settings & { readonly DATABASE_URL: string; readonly MASTER_KEY: string };

/** What a service is built from. `shutdown` closes what it opens, last opened first. */
export interface ServiceContext {
  readonly settings: ServiceSettings;
  readonly logger: Logger;
  readonly stores: Stores;
  readonly shutdown: Shutdown;
}

/** What a process gives its service; `kurrentServer` as in StoresOptions. */
export type ServiceEnvironment = Pick<ServiceContext, 'logger' | 'shutdown'> & Pick<StoresOptions, 'kurrentServer'>;

export type ServiceModules = (context: ServiceContext) => Promise<readonly DynamicModule[]>;

@Module({})
class ServiceModule {}

/** Opens the stores, builds the application of the modules, and listens. Resolves when requests are served. */
export const startService = async (
  service: Service,
  settings: ServiceSettings,
  modules: ServiceModules,
  { logger, shutdown, ...reached }: ServiceEnvironment,
): Promise<NestFastifyApplication> => {
  const { DATABASE_URL, MASTER_KEY } = settings;
  const stores = openStores(
    settings,
    { databaseUrl: DATABASE_URL, masterKey: MASTER_KEY, service, ...reached },
    logger,
  );
  shutdown.add('stores', () => stores.close());
  await sayWrongMasterKey(stores, logger);
  const parts = await modules({ settings, logger, stores, shutdown });
  const root: DynamicModule = {
    module: ServiceModule as Type,
    imports: [RuntimeModule.register(settings, logger), StoresModule.register(stores), ...parts],
  };
  const app = await createHttpApplication(root, settings, logger);
  app.get(Health).register('master key', () => checkMasterKey(stores));
  shutdown.add('http', async () => {
    app.get(Health).drain();
    await closeServer(app);
  });
  await app.listen(settings.PORT, '0.0.0.0');
  return app;
};

/** Requests under way are answered; connections that fall idle afterwards are closed instead of being kept alive for the next request. */
const closeServer = async (app: NestFastifyApplication): Promise<void> => {
  const sweeping = setInterval(() => app.getHttpServer().closeIdleConnections(), 50);
  try {
    await app.close();
  } finally {
    clearInterval(sweeping);
  }
};

/** Runs one service as a process of its own until a signal ends it. Settings that are not usable are listed and end it at once. */
export const runService = async (
  service: Exclude<Service, 'standalone' | 'cli'>,
  modules: ServiceModules,
): Promise<void> => {
  const settings = settingsOrExit(service);
  const logger = createLogger(settings.LOG_LEVEL, service);
  const shutdown = new Shutdown(logger);
  shutdown.listen((code) => process.exit(code));
  try {
    await startService(service, complete(settings), modules, { logger, shutdown });
    logger.info({ port: settings.PORT }, `${service} is up`);
  } catch (error) {
    logger.fatal({ err: error }, `${service} cannot start`);
    await shutdown.close();
    process.exit(1);
  }
};

/** Settings of this process; on faults they are printed and the process ends. */
export const settingsOrExit = (service: Service): Settings => {
  try {
    return loadSettings(environment(), service);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
};

const complete = (settings: Settings): ServiceSettings => {
  const { DATABASE_URL, MASTER_KEY } = settings;
  if (DATABASE_URL === undefined || MASTER_KEY === undefined)
    throw new Error('DATABASE_URL and MASTER_KEY are required.');
  return { ...settings, DATABASE_URL, MASTER_KEY };
};
