import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';

/** Paths that never reach a log, wherever they occur in a logged object. */
const REDACTED = ['authorization', 'token', 'password', 'client_secret', 'clientSecret', 'userName', 'emails', 'name'];

/** Structured JSON on stdout. Bodies, filters and names of people are never logged. */
export const createLogger = (level: string, service: string): Logger =>
  pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: REDACTED.flatMap((name) => [name, `*.${name}`, `req.headers.${name}`]), censor: '[redacted]' },
  });

/** Lets Nest speak through the same logger; its chatter at start is debug. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...context: unknown[]): void {
    this.logger.debug({ context: context.at(-1) }, String(message));
  }
  error(message: unknown, ...context: unknown[]): void {
    this.logger.error({ context }, message instanceof Error ? message.message : String(message));
  }
  warn(message: unknown, ...context: unknown[]): void {
    this.logger.warn({ context: context.at(-1) }, String(message));
  }
  debug(message: unknown, ...context: unknown[]): void {
    this.logger.debug({ context: context.at(-1) }, String(message));
  }
  verbose(message: unknown, ...context: unknown[]): void {
    this.logger.trace({ context: context.at(-1) }, String(message));
  }
}
