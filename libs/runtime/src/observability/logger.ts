import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';

/** Fields that never reach a log, however deep they stand in a logged object. */
const REDACTED = new Set([
  ...['authorization', 'cookie', 'token', 'access_token', 'refresh_token', 'client_assertion', 'password'],
  ...['client_secret', 'clientSecret', 'userName', 'externalId', 'displayName', 'emails', 'phoneNumbers', 'name'],
]);
const DEEPEST = 8;

/** A write a line costs a busy process a tenth of its time. What is gathered leaves after 100 ms, when it is long enough, and when the process ends. */
const GATHERED = { sync: false, minLength: 4096, periodicFlush: 100 } as const;

/** Structured JSON on stdout. Bodies, filters and names of people are never logged. */
export const createLogger = (level: string, service: string, destination?: DestinationStream): Logger => {
  const options: LoggerOptions = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: (logged) => redact(logged, 1) },
    serializers: { err: (described: unknown) => described }, // in place of pino's own, which would describe it again
  };
  return pino(options, destination ?? pino.destination(GATHERED));
};

/** By hand: pino's own `redact` takes paths of known depth, and two levels of them cost ten times as much. */
const redact = (logged: object, depth: number): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(logged).map(([name, value]) => [
      name,
      name === 'err' ? describeError(value) : shown(name, value, depth),
    ]),
  );

const shown = (name: string, value: unknown, depth: number): unknown =>
  REDACTED.has(name) ? '[redacted]' : redactValue(value, depth);

const redactValue = (value: unknown, depth: number): unknown => {
  if (value instanceof Error) return describeError(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth >= DEEPEST) return '[too deep]';
  return Array.isArray(value) ? value.map((one) => redactValue(one, depth + 1)) : redact(value, depth + 1);
};

/** What an operator needs of an error. Drivers hang statements, parameters and whole rows onto theirs: none of that is logged. */
const describeError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return { type: typeof error };
  return {
    type: error.constructor.name,
    message: error.message,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
};

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
