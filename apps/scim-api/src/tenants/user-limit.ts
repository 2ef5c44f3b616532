import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '#event-sourcing';
import { UserQueries } from '#read-model';
import type { RequestContext } from '../edge/request-context.js';
import { TenantTurns } from './tenant-turns.js';

/** The most users a tenant may have (F19: plans). Deactivated ones count: their seat comes back with them. */
@Injectable()
export class UserLimit {
  constructor(
    private readonly users: UserQueries,
    @Inject(TenantTurns) private readonly turns: TenantTurns,
  ) {}

  /**
   * Runs a creation if there is a place for one more. Under a limit those of a tenant take turns, and each counts what the ones before it have
   * made. Throws DomainError `too-many-users`; what the creation throws.
   */
  async within<Result>({ tenantId, tenant }: RequestContext, create: () => Promise<Result>): Promise<Result> {
    const { maxUsers } = tenant.settings;
    if (maxUsers === 'unlimited') return create();
    return this.turns.take(tenantId, async () => {
      await this.check(tenantId, maxUsers);
      return create();
    });
  }

  private async check(tenantId: string, maxUsers: number): Promise<void> {
    const { totalResults } = await this.users.find(tenantId, { startIndex: 1, count: 0 }, { groups: false });
    if (totalResults >= maxUsers)
      throw new DomainError(
        'too-many-users',
        `This tenant may have ${maxUsers} users and has them (maxUsers): delete some, or ask the operator for more.`,
      );
  }
}
