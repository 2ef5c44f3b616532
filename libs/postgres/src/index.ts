export { SERVICE_ROLE } from './service-role.js';
export { serviceSessionUrl, type SessionOptions } from './session-url.js';
export { createServicePool, type ServicePoolOptions } from './service-pool.js';
export { TenantDatabase, type TenantQueries, type TenantTransaction } from './tenant-database.js';
export { PipelinedLookUps, type PipelinedLookUpsOptions } from './pipelined-look-ups.js';
export type { Statement } from './tenant-query.js';
export { errorCode, isConnectionLoss } from './connection-loss.js';
export { runMigrations, tenantWall, type Migration, type MigrationClass, type MigrationRunner } from './migrations.js';
export { createServiceDataSource, transactionAsTenant, type ServiceDataSourceOptions } from './data-source.js';
