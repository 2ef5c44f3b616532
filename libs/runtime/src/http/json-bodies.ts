import { isUtf8 } from 'node:buffer';
import { RouteConfig } from '@nestjs/platform-fastify';
import { errorCodes, type FastifyContextConfig, type FastifyInstance } from 'fastify';
import type { Settings } from '../config/settings.js';

/** Deeper than any SCIM message; what is deeper is meant to hurt. */
const DEEPEST = 64;

/** Groups may be large, and files of many resources (`TakesFile`); nothing else is (RFC 7644 §3.12, 413). */
const LARGE_BODIES = /^\/t\/[^/]+\/scim\/v2\/Groups(\/|\?|$)/;

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly takesFile?: boolean;
  }
}

export const JSON_LINES = 'application/x-ndjson';

/** A route that takes a file of many resources: as large as a group may be, and as lines of JSON too, which it is handed as a Buffer. */
export const TakesFile = (): MethodDecorator => RouteConfig({ takesFile: true } satisfies FastifyContextConfig);

/** Takes bodies of JSON and SCIM, of the size the route allows. A header of JSON on a request without a body is no fault (F6). */
export const acceptJson = (
  fastify: FastifyInstance,
  { BODY_LIMIT, GROUP_BODY_LIMIT }: Pick<Settings, 'BODY_LIMIT' | 'GROUP_BODY_LIMIT'>,
): void => {
  fastify.addHook('onRoute', (route) => {
    const isLarge = route.config?.takesFile === true || LARGE_BODIES.test(route.url.replace(':tenant', 'tenant'));
    route.bodyLimit = isLarge ? GROUP_BODY_LIMIT : BODY_LIMIT;
  });
  fastify.removeContentTypeParser('text/plain'); // which Fastify would take: 415, as for any other type (R3)
  const types = ['application/json', 'application/scim+json'];
  fastify.addContentTypeParser(types, { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJson(Buffer.from(body)));
    } catch (error) {
      done(error as Error, undefined);
    }
  });
  fastify.addContentTypeParser(JSON_LINES, { parseAs: 'buffer' }, (request, body, done) => {
    if (request.routeOptions.config.takesFile === true) done(null, body);
    else done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(JSON_LINES), undefined);
  });
};

/** The value of a JSON text; undefined when it is empty. Throws MalformedJson, also for what is nested too deep. */
export const parseJson = (body: Buffer): unknown => {
  if (body.length === 0) return undefined;
  // Otherwise every broken byte would silently become a question mark in somebody's name (R4).
  if (!isUtf8(body)) throw new MalformedJson('it is not UTF-8');
  const text = body.toString('utf8');
  if (isDeeperThan(text, DEEPEST)) throw new MalformedJson(`it is nested deeper than ${DEEPEST} levels`);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new MalformedJson(reasonOf(error));
  }
};

const QUOTE = 34;
const BACKSLASH = 92;

/** Counts brackets outside strings, without building anything. */
const isDeeperThan = (text: string, limit: number): boolean => {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (quoted) {
      if (code === BACKSLASH) i += 1;
      else if (code === QUOTE) quoted = false;
    } else if (code === QUOTE) quoted = true;
    else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === 125 || code === 93) depth -= 1;
  }
  return false;
};

/** The engine's words when they only tell the place; its other messages quote the body. */
const reasonOf = (error: unknown): string => {
  const message = error instanceof Error ? error.message : '';
  return /^[^"]+ in JSON at position \d+ \(line \d+ column \d+\)$|^Unexpected end of JSON input$/.test(message)
    ? message
    : 'it holds an unexpected character';
};

/** The body is not JSON (400 `invalidSyntax` in SCIM). Says where, and never repeats what stood there. */
export class MalformedJson extends Error {
  readonly statusCode = 400;
  constructor(readonly reason: string) {
    super(`The request body is not valid JSON: ${reason}.`);
    this.name = 'MalformedJson';
  }
}
