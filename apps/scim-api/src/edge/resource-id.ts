import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ScimError } from '#scim';

const LONGEST = 256;

/** The id in the URL. One that no resource can have is 404 at once: PostgreSQL would refuse a NUL character with an error of its own. */
export const resourceIdOf = (request: FastifyRequest): string => {
  const { id = '' } = request.params as { readonly id?: string };
  if (id === '' || id.length > LONGEST || id.includes('\0'))
    throw new ScimError(404, undefined, 'There is no resource with this id.');
  return id;
};

/** Injects it. */
export const ResourceId = createParamDecorator((_data: unknown, host: ExecutionContext) =>
  resourceIdOf(host.switchToHttp().getRequest<FastifyRequest>()),
);
