export { environment } from './config/environment.js';
export {
  settingDefinitions,
  type Service,
  type SettingDefinition,
  type SettingName,
} from './config/setting-definitions.js';
export { loadSettings, SettingsError, type Settings } from './config/settings.js';
export { configurationTable } from './config/configuration-table.js';
export { createLogger, NestLogger } from './observability/logger.js';
export { Health, type HealthCheck, type HealthReport } from './observability/health.js';
export { createHttpApplication } from './http/http-application.js';
export { JSON_LINES, MalformedJson, parseJson, TakesFile } from './http/json-bodies.js';
export { ErrorFormats, frameworkStatus, type ErrorAnswer, type ErrorFormat } from './http/error-formats.js';
export { LOGGER, RuntimeModule, SETTINGS } from './runtime.module.js';
export { Shutdown } from './shutdown.js';
export { openStores, type Stores, type StoresOptions } from './stores/stores.js';
export { StoresModule } from './stores/stores.module.js';
export { allMigrations, migrate } from './stores/migrate.js';
export {
  runService,
  settingsOrExit,
  startService,
  type ServiceContext,
  type ServiceModules,
  type ServiceSettings,
} from './service.js';
