import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { authenticatedOn } from '#access';
import type { EventMetadata } from '#event-sourcing';

/** Who asks, for which tenant, and what every event of this request carries. */
export interface RequestContext {
  readonly tenantId: string;
  readonly metadata: EventMetadata;
}

const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** The tenant and actor come from the verified token, never from the request. */
export const requestContext = (request: FastifyRequest): RequestContext => {
  const { tenantId, actor } = authenticatedOn(request);
  const traceparent = request.headers['traceparent'];
  return {
    tenantId,
    metadata: {
      actor,
      requestId: request.id,
      correlationId: request.id,
      txn: request.id,
      ...(typeof traceparent === 'string' && TRACEPARENT.test(traceparent) ? { traceparent } : {}),
    },
  };
};

/** Injects the RequestContext of an authenticated request. */
export const Context = createParamDecorator((_data: unknown, host: ExecutionContext) =>
  requestContext(host.switchToHttp().getRequest<FastifyRequest>()),
);
