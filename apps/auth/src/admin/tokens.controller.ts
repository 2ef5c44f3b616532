import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ControlQueries, newScimToken, OperatorGuard, type PageRequest } from '#access';
import type { EventMetadata } from '#event-sourcing';
import type { ScimTokenCommand } from '#tenancy';
import { createTokenBody, daysAfter, type CreateTokenBody } from './bodies.js';
import { Clock } from './clock.js';
import { RunControlCommand } from './control-commands.js';
import { Checked } from './input.js';
import { OperatorMetadata } from './operator-metadata.js';
import { pageBody, pageQuery } from './paging.js';
import { idParameter, tenantParameter } from './path-parameters.js';
import { tokenBody } from './representations.js';
import { TenantMustExist } from './tenant-must-exist.js';

/** Long-lived SCIM tokens, for identity providers that take one secret (F22). */
@Controller('admin/v1/tenants/:tenant/tokens')
@UseGuards(OperatorGuard)
export class TokensController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: ControlQueries,
    private readonly tenants: TenantMustExist,
    private readonly clock: Clock,
  ) {}

  /** The token is in this answer and nowhere else. */
  @Post()
  @Header('cache-control', 'no-store')
  async issue(
    @Param('tenant', tenantParameter) tenantId: string,
    @Body(new Checked(createTokenBody)) { name, expiresInDays }: CreateTokenBody,
    @OperatorMetadata() metadata: EventMetadata,
  ) {
    const now = this.clock.now();
    const { tokenId, token, hash } = newScimToken();
    const expiresAt = daysAfter(now, expiresInDays);
    const command: ScimTokenCommand = {
      type: 'IssueScimToken',
      data: { tokenId, name, hash, expiresAt, scopes: ['scim'], at: now.toISOString() },
    };
    await this.commands.execute(new RunControlCommand(tenantId, command, metadata));
    return { id: tokenId, token, expiresAt };
  }

  @Get()
  @Header('cache-control', 'no-store')
  async find(@Param('tenant', tenantParameter) tenantId: string, @Query(new Checked(pageQuery)) page: PageRequest) {
    await this.tenants.check(tenantId);
    return pageBody(await this.queries.findTokens(tenantId, page), tokenBody);
  }

  @Delete(':token')
  @HttpCode(204)
  async revoke(
    @Param('tenant', tenantParameter) tenantId: string,
    @Param('token', idParameter) tokenId: string,
    @OperatorMetadata() metadata: EventMetadata,
  ) {
    const command: ScimTokenCommand = { type: 'RevokeScimToken', data: { tokenId } };
    await this.commands.execute(new RunControlCommand(tenantId, command, metadata));
  }
}
