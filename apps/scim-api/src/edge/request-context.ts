import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callerOf, type KnownTenant } from '#access';
import type { EventMetadata } from '#event-sourcing';
import type { Connection } from '../tenants/connection-profile.js';

/** Who asks, for which tenant, and what every event of this request carries. */
export interface RequestContext {
  readonly tenantId: string;
  /** With its settings, and the number that its schemas are known by. */
  readonly tenant: KnownTenant;
  readonly metadata: EventMetadata;
}

/** Whose request it is, as profiles see it. */
export const connectionOf = ({ tenant, metadata }: RequestContext): Connection => ({
  credentialId: metadata.actor.id,
  settings: tenant.settings,
});

const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** The RequestContext of an authenticated request: tenant and actor come from the verified token, never from the request. */
export const requestContextOf = (host: ExecutionContext): RequestContext => {
  const request = host.switchToHttp().getRequest<FastifyRequest>();
  const { tenant, actor } = callerOf(host);
  const traceparent = request.headers['traceparent'];
  return {
    tenantId: tenant.tenantId,
    tenant,
    metadata: {
      actor,
      requestId: request.id,
      correlationId: request.id,
      txn: request.id,
      ...(typeof traceparent === 'string' && TRACEPARENT.test(traceparent) ? { traceparent } : {}),
    },
  };
};

/** Injects it. */
export const Context = createParamDecorator((_data: unknown, host: ExecutionContext) => requestContextOf(host));
