import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '#event-sourcing';
import { badCredential, noCredential } from '../access-denied.js';
import { bearerOf } from '../credentials/bearer.js';
import { sameText } from '../credentials/secret.js';
import { FailedCredentials } from './failed-credentials.js';

type OperatorRequest = FastifyRequest & { operator?: Actor };

/** Who may use the admin API: for now the first operator, who holds ADMIN_TOKEN. */
export class Operators {
  constructor(private readonly adminToken: string) {}

  /** The operator who holds this credential; compared in constant time. */
  identify(credential: string): Actor | undefined {
    return sameText(credential, this.adminToken) ? { kind: 'operator', id: 'first' } : undefined;
  }
}

/** Lets in operators only (401 else); what they do is recorded under their name. */
@Injectable()
export class OperatorGuard implements CanActivate {
  constructor(
    @Inject(Operators) private readonly operators: Operators,
    @Inject(FailedCredentials) private readonly failures: FailedCredentials,
  ) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const request = context.switchToHttp().getRequest<OperatorRequest>();
    const credential = bearerOf(request.headers.authorization);
    if (credential === undefined) throw noCredential();
    const operator = this.operators.identify(credential);
    if (operator === undefined) {
      await this.failures.count(request.ip);
      throw badCredential();
    }
    request.operator = operator;
    return true;
  }
}

/** The operator who calls. Throws when the route is not behind OperatorGuard: a fault of ours. */
export const operatorOf = (context: ExecutionContext): Actor => {
  const { operator } = context.switchToHttp().getRequest<OperatorRequest>();
  if (operator === undefined) throw new Error('This route asks which operator calls but is not behind OperatorGuard.');
  return operator;
};
