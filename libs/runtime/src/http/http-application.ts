import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Histogram, Registry } from 'prom-client';
import type { Settings } from '../config/settings.js';
import { NestLogger } from '../observability/logger.js';
import { ErrorFormats } from './error-formats.js';
import { EdgeErrorFilter } from './edge-error.filter.js';
import { acceptJson } from './json-bodies.js';
import { answerUnreadable } from './unreadable-requests.js';

/** Filters stand in the URL; those too long for SCIM must still reach the parser that says so. */
const MAX_HEADER_BYTES = 128 * 1024;
const REQUEST_ID = /^[\w.:-]{1,128}$/;
/** The buckets of OpenTelemetry's http.server.request.duration. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * Builds the Nest application of a process on Fastify: body limits, JSON and SCIM bodies, request ids, one log line and one duration a
 * request, errors in the format of the API they belong to. Call `listen` on what it returns.
 */
export const createHttpApplication = async (
  module: Type | DynamicModule,
  settings: Settings,
  logger: Logger,
): Promise<NestFastifyApplication> => {
  const errorFormats = (): ErrorFormats => app.get(ErrorFormats);
  const edgeErrors = () => new EdgeErrorFilter(errorFormats(), logger);
  const adapter = new FastifyAdapter({
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    bodyLimit: Math.max(settings.BODY_LIMIT, settings.GROUP_BODY_LIMIT),
    trustProxy: settings.TRUSTED_PROXIES.length === 0 ? false : [...settings.TRUSTED_PROXIES],
    genReqId: ({ headers }: IncomingMessage) => requestId(headers['x-request-id']),
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    requestTimeout: 55_000, // Okta hangs up after 60 s
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: true, caseSensitive: true },
    clientErrorHandler: answerUnreadable(errorFormats),
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      void reply.header('x-request-id', request.id);
      void edgeErrors().answer(error, request, reply);
    },
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  acceptJson(fastify, settings);
  observe(fastify, app.get(Registry), logger);
  app.useGlobalFilters(edgeErrors());
  return app;
};

const requestId = (given: string | string[] | undefined): string =>
  typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();

const observe = (fastify: FastifyInstance, registry: Registry, logger: Logger): void => {
  const duration = new Histogram({
    name: 'scim_http_request_duration_seconds',
    help: 'Time to answer, by route, method and status',
    labelNames: ['route', 'method', 'status'],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
  });
  fastify.addHook('onResponse', async (request, reply) => {
    const route = routeOf(request);
    const seconds = reply.elapsedTime / 1000;
    duration.observe({ route, method: request.method, status: reply.statusCode }, seconds);
    if (route.startsWith('/health') || route === '/metrics') return;
    // The route, never the URL: filters hold personal data (R18).
    logger.info({ requestId: request.id, method: request.method, route, status: reply.statusCode, seconds }, 'request');
  });
};

const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? 'unmatched';
