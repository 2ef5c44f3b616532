import { HttpException } from '@nestjs/common';

/** What an error becomes on the wire. */
export interface ErrorAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export type ErrorFormat = (error: unknown) => ErrorAnswer;

/**
 * One process may serve several APIs, each with an error format of its own, on every path: unknown routes, wrong media types and
 * malformed bodies, which no controller ever sees, included.
 */
export class ErrorFormats {
  private readonly formats: { readonly path: RegExp; readonly format: ErrorFormat }[] = [];

  /** From now on errors of requests whose path matches are answered in `format`. */
  register(path: RegExp, format: ErrorFormat): void {
    this.formats.push({ path, format });
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
