import {
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  NotFoundException,
  Param,
  Post,
  Query,
  UseGuards,
} from '@nestjs/common';
import { z } from 'zod';
import { OperatorGuard } from '#access';
import { EventLog, SYSTEM_TENANT } from '#event-sourcing';
import { directoryProjection, Generations, projectionOverview } from '#read-model';
import { Checked } from './input.js';
import { tenantParameter } from './path-parameters.js';
import { TenantMustExist } from './tenant-must-exist.js';

const whose = z.strictObject({ tenant: z.string().optional() });
type Whose = z.output<typeof whose>;

/** The read models: how far they are, and making them anew. */
@Controller('admin/v1/projections')
@UseGuards(OperatorGuard)
export class ProjectionsController {
  constructor(
    private readonly generations: Generations,
    private readonly log: EventLog,
    private readonly tenants: TenantMustExist,
  ) {}

  /** Of every tenant, or of one. */
  @Get()
  @Header('cache-control', 'no-store')
  async find(@Query(new Checked(whose)) { tenant }: Whose) {
    const overview = await projectionOverview(this.generations, this.log);
    return { items: tenant === undefined ? overview : overview.filter((one) => one.tenant === tenant) };
  }

  /** Accepted: the projector fills a new generation while the old one serves. One that is under way goes on. */
  @Post(':name/rebuild')
  @HttpCode(202)
  async rebuild(@Param('name') name: string, @Body(new Checked(whose)) { tenant }: Whose) {
    if (name !== directoryProjection.name)
      throw new NotFoundException(`There is no such projection; there is '${directoryProjection.name}'.`);
    const items = [];
    for (const one of await this.concerned(tenant))
      items.push({ tenant: one, generation: await this.generations.rebuild(one) });
    return { items };
  }

  private async concerned(tenant: string | undefined): Promise<readonly string[]> {
    if (tenant === undefined)
      return [...(await this.log.heads()).keys()].filter((tenantId) => tenantId !== SYSTEM_TENANT).sort();
    const tenantId: string = tenantParameter.transform(tenant, { type: 'body' });
    await this.tenants.check(tenantId);
    return [tenantId];
  }
}
