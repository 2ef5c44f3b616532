import { Body, Controller, Delete, Get, Header, HttpCode, Param, Put, Res, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { FastifyReply } from 'fastify';
import { ControlQueries, OperatorGuard, type ResourceTypeRow } from '#access';
import type { EventMetadata } from '#event-sourcing';
import { TenancyError } from '#tenancy';
import { schemaDocument, type SchemaDocumentBody } from './bodies.js';
import { RunControlCommand } from './control-commands.js';
import { Checked } from './input.js';
import { OperatorMetadata } from './operator-metadata.js';
import { tenantParameter, wordParameter } from './path-parameters.js';
import { resourceTypeBody } from './representations.js';
import { TenantMustExist } from './tenant-must-exist.js';

/** A tenant's own resource types, beside User and Group (RFC 7643 §6). */
@Controller('admin/v1/tenants/:tenant/resource-types')
@UseGuards(OperatorGuard)
export class ResourceTypesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: ControlQueries,
    private readonly tenants: TenantMustExist,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  async find(@Param('tenant', tenantParameter) tenantId: string) {
    await this.tenants.check(tenantId);
    return { items: (await this.queries.findResourceTypes(tenantId)).map(resourceTypeBody) };
  }

  @Get(':name')
  @Header('cache-control', 'no-store')
  async get(@Param('tenant', tenantParameter) tenantId: string, @Param('name', wordParameter) name: string) {
    return resourceTypeBody(existing(await this.queries.getResourceType(tenantId, name)));
  }

  /** 201 when it is new, 200 when it was there. */
  @Put(':name')
  async register(
    @Param('tenant', tenantParameter) tenantId: string,
    @Param('name', wordParameter) name: string,
    @Body(new Checked(schemaDocument)) document: SchemaDocumentBody,
    @OperatorMetadata() metadata: EventMetadata,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const isNew = (await this.queries.getResourceType(tenantId, name)) === undefined;
    const command = { type: 'RegisterResourceType', data: { name, document } } as const;
    await this.commands.execute(new RunControlCommand(tenantId, command, metadata));
    void reply.status(isNew ? 201 : 200);
    return this.get(tenantId, name);
  }

  /** Retires it: its resources are kept, out of reach, until the type is registered again. */
  @Delete(':name')
  @HttpCode(204)
  async remove(
    @Param('tenant', tenantParameter) tenantId: string,
    @Param('name', wordParameter) name: string,
    @OperatorMetadata() metadata: EventMetadata,
  ) {
    const command = { type: 'RemoveResourceType', data: { name } } as const;
    await this.commands.execute(new RunControlCommand(tenantId, command, metadata));
  }
}

const existing = (resourceType: ResourceTypeRow | undefined): ResourceTypeRow => {
  if (resourceType === undefined)
    throw new TenancyError('resource-type-not-found', 'The tenant has no resource type of its own with this name.');
  return resourceType;
};
