import { Global, Module, type DynamicModule } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Logger } from 'pino';
import type { Settings } from './config/settings.js';
import { ErrorFormats } from './http/error-formats.js';
import { OperationsController } from './http/operations.controller.js';
import { Health } from './observability/health.js';

/** Injection tokens for what is no class of ours. */
export const SETTINGS = Symbol('settings');
export const LOGGER = Symbol('logger');

/** What every process has: settings, logger, metrics, health, and the routes that show them. */
@Global()
@Module({})
export class RuntimeModule {
  static register(settings: Settings, logger: Logger): DynamicModule {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    return {
      module: RuntimeModule,
      controllers: [OperationsController],
      providers: [
        { provide: SETTINGS, useValue: settings },
        { provide: LOGGER, useValue: logger },
        { provide: Registry, useValue: registry },
        { provide: Health, useValue: new Health() },
        { provide: ErrorFormats, useValue: new ErrorFormats() },
      ],
      exports: [SETTINGS, LOGGER, Registry, Health, ErrorFormats],
    };
  }
}
