import { Body, Controller, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { OperatorGuard } from '#access';
import { ResourceErasure } from '#directory';
import type { EventMetadata } from '#event-sourcing';
import { ErasureMetrics } from '../erasure/erasure-metrics.js';
import { Checked } from './input.js';
import { OperatorMetadata } from './operator-metadata.js';
import { resourceIdParameter, tenantParameter } from './path-parameters.js';
import { TenantMustExist } from './tenant-must-exist.js';

const erasureBody = z.strictObject({ force: z.boolean().default(false) });

/** Makes a person or a group unreadable, for good. */
@Controller('admin/v1/tenants/:tenant/resources/:id/erasure')
@UseGuards(OperatorGuard)
export class ErasureController {
  constructor(
    private readonly erasure: ResourceErasure,
    private readonly metrics: ErasureMetrics,
    private readonly tenants: TenantMustExist,
  ) {}

  /** The same answer when it is asked again. */
  @Post()
  @HttpCode(200)
  async erase(
    @Param('tenant', tenantParameter) tenantId: string,
    @Param('id', resourceIdParameter) resourceId: string,
    @Body(new Checked(erasureBody)) { force }: z.output<typeof erasureBody>,
    @OperatorMetadata() metadata: EventMetadata,
  ) {
    await this.tenants.check(tenantId);
    const erasedAt = await this.erasure.erase({ tenantId, resourceId, force, metadata });
    this.metrics.erasures.inc({ cause: 'request' });
    return { id: resourceId, erasedAt };
  }
}
