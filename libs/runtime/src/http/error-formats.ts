import { HttpException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** What an error becomes on the wire. */
export interface ErrorAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Hears of every error that was answered; must not throw. */
export type ErrorListener = (request: FastifyRequest, error: unknown, status: number) => void;

export type ErrorFormat = (error: unknown) => ErrorAnswer;

/**
 * One process may serve several APIs, each with an error format of its own, on every path: unknown routes, wrong media types and
 * malformed bodies, which no controller ever sees, included.
 */
export class ErrorFormats {
  private readonly formats: { readonly path: RegExp; readonly format: ErrorFormat }[] = [];
  private readonly listeners: { readonly path: RegExp; readonly listener: ErrorListener }[] = [];

  /** From now on errors of requests whose path matches are answered in `format`. */
  register(path: RegExp, format: ErrorFormat): void {
    this.formats.push({ path, format });
  }

  /** From now on `listener` hears of errors of requests whose path matches. */
  listen(path: RegExp, listener: ErrorListener): void {
    this.listeners.push({ path, listener });
  }

  /** Tells those who listen. */
  tell(path: string, request: FastifyRequest, error: unknown, status: number): void {
    for (const one of this.listeners) if (one.path.test(path)) one.listener(request, error, status);
  }

  answer(path: string, error: unknown): ErrorAnswer {
    const format = this.formats.find((one) => one.path.test(path))?.format ?? plainProblem;
    return format(error);
  }
}

/** Status of an error that Nest or Fastify raised by itself; undefined for any other. */
export const frameworkStatus = (error: unknown): number | undefined => {
  if (error instanceof HttpException) return error.getStatus();
  if (typeof error !== 'object' || error === null) return undefined;
  return 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
};

/** `{"error":{"code","message"}}`: the format of everything that is not SCIM or OAuth. */
const plainProblem: ErrorFormat = (error) => {
  const status = frameworkStatus(error) ?? 500;
  const message = status < 500 && error instanceof Error ? error.message : 'Something went wrong on our side.';
  return { status, contentType: 'application/json', body: { error: { code: CODES[status] ?? 'error', message } } };
};

const CODES: Readonly<Record<number, string>> = {
  400: 'bad-request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  409: 'conflict',
  413: 'too-large',
  415: 'unsupported-media-type',
  429: 'too-many-requests',
  500: 'internal-error',
};
