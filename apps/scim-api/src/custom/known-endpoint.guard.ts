import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '#access';
import { endpointRefusal } from '../edge/endpoint-refusal.js';
import { ResourceEndpoints } from '../resources/resource-endpoints.js';

/** Lets requests pass whose first part after the base URL is a resource type of the tenant; others meet no endpoint. Needs TenantGuard before it. */
@Injectable()
export class KnownEndpoint implements CanActivate {
  constructor(private readonly endpoints: ResourceEndpoints) {}

  async canActivate(host: ExecutionContext): Promise<boolean> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const known = await this.endpoints.of(callerOf(host).tenant);
    if (known.has(endpointOf(request))) return true;
    throw endpointRefusal(request, http.getResponse<FastifyReply>(), [...known.keys()]);
  }
}

/** The name that stands in the URL. */
export const endpointOf = ({ params }: FastifyRequest): string =>
  (params as Readonly<{ endpoint?: string }>).endpoint ?? '';
