import { Body, Controller, Delete, Get, Header, HttpCode, Param, Put, Res, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { FastifyReply } from 'fastify';
import { ControlQueries, OperatorGuard, type ExtensionSchemaRow } from '#access';
import type { EventMetadata } from '#event-sourcing';
import { TenancyError } from '#tenancy';
import { schemaDocument, type SchemaDocumentBody } from './bodies.js';
import { RunControlCommand } from './control-commands.js';
import { Checked } from './input.js';
import { OperatorMetadata } from './operator-metadata.js';
import { tenantParameter, wordParameter } from './path-parameters.js';
import { schemaBody } from './representations.js';
import { TenantMustExist } from './tenant-must-exist.js';

/** A tenant's own schemas: extensions of User and Group (R124), and schemas of its own resource types. */
@Controller('admin/v1/tenants/:tenant/schemas')
@UseGuards(OperatorGuard)
export class SchemasController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: ControlQueries,
    private readonly tenants: TenantMustExist,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  async find(@Param('tenant', tenantParameter) tenantId: string) {
    await this.tenants.check(tenantId);
    return { items: (await this.queries.findSchemas(tenantId)).map(schemaBody) };
  }

  @Get(':urn')
  @Header('cache-control', 'no-store')
  async get(@Param('tenant', tenantParameter) tenantId: string, @Param('urn', wordParameter) urn: string) {
    return schemaBody(existing(await this.queries.getSchema(tenantId, urn)));
  }

  /** 201 when it is new, 200 when it was there. */
  @Put(':urn')
  async register(
    @Param('tenant', tenantParameter) tenantId: string,
    @Param('urn', wordParameter) urn: string,
    @Body(new Checked(schemaDocument)) document: SchemaDocumentBody,
    @OperatorMetadata() metadata: EventMetadata,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const isNew = (await this.queries.getSchema(tenantId, urn)) === undefined;
    const command = { type: 'RegisterExtensionSchema', data: { urn, document } } as const;
    await this.commands.execute(new RunControlCommand(tenantId, command, metadata));
    void reply.status(isNew ? 201 : 200);
    return this.get(tenantId, urn);
  }

  /** What stands under it is kept, but neither shown nor taken until the schema is registered again. */
  @Delete(':urn')
  @HttpCode(204)
  async remove(
    @Param('tenant', tenantParameter) tenantId: string,
    @Param('urn', wordParameter) urn: string,
    @OperatorMetadata() metadata: EventMetadata,
  ) {
    const command = { type: 'RemoveExtensionSchema', data: { urn } } as const;
    await this.commands.execute(new RunControlCommand(tenantId, command, metadata));
  }
}

const existing = (schema: ExtensionSchemaRow | undefined): ExtensionSchemaRow => {
  if (schema === undefined)
    throw new TenancyError('schema-not-found', 'The tenant has no schema of its own with this URN.');
  return schema;
};
