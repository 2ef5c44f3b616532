import { Injectable } from '@nestjs/common';
import { DomainError } from '#event-sourcing';
import { UserQueries } from '#read-model';
import type { RequestContext } from '../edge/request-context.js';

/** The most users a tenant may have (F19: plans). Deactivated ones count: their seat comes back with them. */
@Injectable()
export class UserLimit {
  constructor(private readonly users: UserQueries) {}

  /**
   * Throws DomainError `too-many-users` when there is no place for one more. It looks before the write, so that as many may slip in as are
   * created at one moment.
   */
  async check({ tenantId, tenant: { settings } }: RequestContext): Promise<void> {
    const { maxUsers } = settings;
    if (maxUsers === 'unlimited') return;
    const { totalResults } = await this.users.find(tenantId, { startIndex: 1, count: 0 }, { groups: false });
    if (totalResults >= maxUsers)
      throw new DomainError(
        'too-many-users',
        `This tenant may have ${maxUsers} users and has them (maxUsers): delete some, or ask the operator for more.`,
      );
  }
}
