import { createParamDecorator, Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callerOf, TenantGuard, type KnownTenant } from '#access';

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

/** The tenant of the verified credential; undefined when none was sent. */
export const CallingTenant = createParamDecorator(
  (_data: unknown, context: ExecutionContext): KnownTenant | undefined =>
    hasCredential(context) ? callerOf(context).tenant : undefined,
);

const hasCredential = (context: ExecutionContext): boolean =>
  context.switchToHttp().getRequest<FastifyRequest>().headers.authorization !== undefined;
