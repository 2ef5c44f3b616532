import {
  createHttpApplication,
  createLogger,
  environment,
  Health,
  loadSettings,
  RuntimeModule,
  SettingsError,
  Shutdown,
} from '#runtime';
import { openAuth } from './process.js';

/** The control plane and the authorization server as a process of their own. */
class AuthProcess {}

const start = async (): Promise<void> => {
  const settings = loadSettings(environment(), 'auth');
  const logger = createLogger(settings.LOG_LEVEL, 'auth');
  const shutdown = new Shutdown(logger);
  shutdown.listen((code) => process.exit(code));
  const auth = await openAuth(settings, logger, shutdown);
  const module = { module: AuthProcess, imports: [RuntimeModule.register(settings, logger), auth] };
  const app = await createHttpApplication(module, settings, logger);
  shutdown.add('http', async () => {
    app.get(Health).drain();
    await app.close();
  });
  await app.listen(settings.PORT, '0.0.0.0');
  logger.info({ port: settings.PORT, issuer: settings.PUBLIC_URL }, 'auth is up');
};

start().catch((error: unknown) => {
  console.error(error instanceof SettingsError ? error.message : error);
  process.exitCode = 1;
});
