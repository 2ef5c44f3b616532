import { createParamDecorator, Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callerOf, TenantGuard, type Caller } from '#access';

/**
 * Discovery answers without credentials (R15). Who sends some is held to them as everywhere: identity providers probe these endpoints to see
 * whether what was pasted is right (C-N4).
 */
@Injectable()
export class CredentialIfAny implements CanActivate {
  constructor(@Inject(TenantGuard) private readonly guard: TenantGuard) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    return !hasCredential(context) || this.guard.canActivate(context);
  }
}

/** Who calls; undefined when no credential was sent. */
export const CallerIfAny = createParamDecorator((_data: unknown, context: ExecutionContext): Caller | undefined =>
  hasCredential(context) ? callerOf(context) : undefined,
);

const hasCredential = (context: ExecutionContext): boolean =>
  context.switchToHttp().getRequest<FastifyRequest>().headers.authorization !== undefined;
