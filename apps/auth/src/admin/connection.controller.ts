import { Controller, Get, Param, UseGuards } from '@nestjs/common';
import { OperatorGuard, scimBaseUrl } from '#access';
import { OAuthEndpoints } from '../oauth/endpoints.js';
import { tenantParameter } from './path-parameters.js';
import { TenantMustExist } from './tenant-must-exist.js';

/** What to type into an identity provider. */
@Controller('admin/v1/tenants/:tenant/connection')
@UseGuards(OperatorGuard)
export class ConnectionController {
  constructor(
    private readonly tenants: TenantMustExist,
    private readonly endpoints: OAuthEndpoints,
  ) {}

  @Get()
  async get(@Param('tenant', tenantParameter) tenantId: string) {
    await this.tenants.check(tenantId);
    const { issuer, token, authorization, jwks } = this.endpoints;
    return {
      scimBaseUrl: scimBaseUrl(issuer, tenantId),
      tokenEndpoint: token,
      authorizationEndpoint: authorization,
      jwksUri: jwks,
      issuer,
    };
  }
}
