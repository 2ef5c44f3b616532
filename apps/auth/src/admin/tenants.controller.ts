import { Body, Controller, Get, Header, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ControlQueries, OperatorGuard, type PageRequest, type TenantRow } from '#access';
import type { EventMetadata } from '#event-sourcing';
import { TenancyError, type SettingsChange } from '#tenancy';
import { changeTenantBody, createTenantBody, type ChangeTenantBody, type CreateTenantBody } from './bodies.js';
import { CreateTenant, RunControlCommand } from './control-commands.js';
import { Checked } from './input.js';
import { OperatorMetadata } from './operator-metadata.js';
import { pageBody, pageQuery } from './paging.js';
import { tenantParameter } from './path-parameters.js';
import { tenantBody } from './representations.js';

/** Tenants, for operators (DESIGN §3). */
@Controller('admin/v1/tenants')
@UseGuards(OperatorGuard)
export class TenantsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: ControlQueries,
  ) {}

  @Post()
  async create(
    @Body(new Checked(createTenantBody)) body: CreateTenantBody,
    @OperatorMetadata() metadata: EventMetadata,
  ) {
    await this.commands.execute(new CreateTenant({ tenantId: body.id, displayName: body.displayName }, metadata));
    return this.get(body.id);
  }

  @Get()
  @Header('cache-control', 'no-store')
  async find(@Query(new Checked(pageQuery)) page: PageRequest) {
    return pageBody(await this.queries.findTenants(page), tenantBody);
  }

  @Get(':tenant')
  @Header('cache-control', 'no-store')
  async get(@Param('tenant', tenantParameter) tenantId: string) {
    return tenantBody(existing(await this.queries.getTenant(tenantId)));
  }

  @Patch(':tenant')
  async change(
    @Param('tenant', tenantParameter) tenantId: string,
    @Body(new Checked(changeTenantBody)) body: ChangeTenantBody,
    @OperatorMetadata() metadata: EventMetadata,
  ) {
    const { displayName, suspended, settings } = body;
    const data = {
      ...(displayName === undefined ? {} : { displayName }),
      ...(suspended === undefined ? {} : { suspended }),
      ...(settings === undefined ? {} : { settings: settings as SettingsChange }), // checked by the decider, key by key
    };
    await this.commands.execute(new RunControlCommand(tenantId, { type: 'ChangeTenant', data }, metadata));
    return this.get(tenantId);
  }
}

const existing = (tenant: TenantRow | undefined): TenantRow => {
  if (tenant === undefined) throw new TenancyError('tenant-not-found', 'There is no such tenant.');
  return tenant;
};
