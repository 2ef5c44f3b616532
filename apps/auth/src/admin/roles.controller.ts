import { Controller, Get, Header, Param, UseGuards } from '@nestjs/common';
import { OperatorGuard } from '#access';
import { DomainError } from '#event-sourcing';
import { MembershipQueries } from '#read-model';
import { effectiveSettings, givenRoles } from '#tenancy';
import { resourceIdParameter, tenantParameter } from './path-parameters.js';
import { rolesBody } from './role-representations.js';
import { TenantMustExist } from './tenant-must-exist.js';

/** The roles of a user: those that the identity provider wrote, and those that groups give (F24). */
@Controller('admin/v1/tenants/:tenant/resources/:id/roles')
@UseGuards(OperatorGuard)
export class RolesController {
  constructor(
    private readonly memberships: MembershipQueries,
    private readonly tenants: TenantMustExist,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  async of(@Param('tenant', tenantParameter) tenantId: string, @Param('id', resourceIdParameter) id: string) {
    const { settings } = await this.tenants.find(tenantId);
    const user = await this.memberships.ofUser(tenantId, id);
    if (user === undefined) throw new DomainError('resource-not-found', 'There is no user with this id.');
    const { groupRoles } = effectiveSettings(settings);
    return rolesBody(user, givenRoles(groupRoles, user.groups));
  }
}
