import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AccessDenied, foreignTenant, noCredential, scopeMissing, tenantSuspended } from '../access-denied.js';
import { bearerOf } from '../credentials/bearer.js';
import { Authenticator, type Caller } from './authenticator.js';
import { FailedCredentials } from './failed-credentials.js';
import { LastUse } from './last-use.js';
import { RateLimits } from './rate-limits.js';

type TenantRequest = FastifyRequest<{ Params: { tenant?: string } }> & { caller?: Caller };

/**
 * Lets in who holds a live credential of the tenant in the URL, with scope `scim`, within its rate (R11, R12, R125). The tenant that handlers
 * work for is the credential's.
 */
@Injectable()
export class TenantGuard implements CanActivate {
  constructor(
    @Inject(Authenticator) private readonly authenticator: Authenticator,
    @Inject(RateLimits) private readonly rates: RateLimits,
    @Inject(FailedCredentials) private readonly failures: FailedCredentials,
    @Inject(LastUse) private readonly lastUse: LastUse,
  ) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const request = context.switchToHttp().getRequest<TenantRequest>();
    const caller = await this.identify(request);
    if (caller.tenant.tenantId !== request.params.tenant) throw foreignTenant();
    request.caller = caller; // known from here on, also to whoever notes a refusal
    if (caller.tenant.status === 'suspended') throw tenantSuspended();
    if (!caller.scopes.includes('scim')) throw scopeMissing();
    this.rates.admit(caller);
    if (caller.actor.kind === 'token') this.lastUse.note(caller.actor.id);
    return true;
  }

  private async identify(request: TenantRequest): Promise<Caller> {
    const credential = bearerOf(request.headers.authorization);
    if (credential === undefined) throw noCredential();
    try {
      return await this.authenticator.authenticate(credential);
    } catch (error) {
      if (error instanceof AccessDenied && error.status === 401) await this.failures.count(request.ip);
      throw error;
    }
  }
}

/** Who calls; undefined when no credential of the tenant was shown. */
export const callerIfAny = (request: FastifyRequest): Caller | undefined => (request as TenantRequest).caller;

/** Who calls. Throws when the route is not behind TenantGuard: a fault of ours. */
export const callerOf = (context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<TenantRequest>();
  if (caller === undefined) throw new Error('This route asks who calls but is not behind TenantGuard.');
  return caller;
};
