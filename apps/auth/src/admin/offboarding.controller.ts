import { Controller, Delete, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { z } from 'zod';
import { OperatorGuard } from '#access';
import type { EventMetadata } from '#event-sourcing';
import { ErasureWorker } from '../erasure/erasure-worker.js';
import { daysAfter } from './bodies.js';
import { Clock } from './clock.js';
import { RunControlCommand } from './control-commands.js';
import { Checked } from './input.js';
import { OperatorMetadata } from './operator-metadata.js';
import { tenantParameter } from './path-parameters.js';

const MOST_DAYS = 3650;
const offboardQuery = z.strictObject({ afterDays: z.coerce.number().int().min(0).max(MOST_DAYS).default(0) });

/** The end of a tenant, and the way back while there is one. */
@Controller('admin/v1/tenants/:tenant')
@UseGuards(OperatorGuard)
export class OffboardingController {
  constructor(
    private readonly commands: CommandBus,
    private readonly worker: ErasureWorker,
    private readonly clock: Clock,
  ) {}

  /**
   * No credential of the tenant works any more, and its id is never used again. Its keys are destroyed when this is answered, or `afterDays`; the rest of it
   * is removed afterwards.
   */
  @Delete()
  @HttpCode(204)
  async offboard(
    @Param('tenant', tenantParameter) tenantId: string,
    @Query(new Checked(offboardQuery)) { afterDays }: z.output<typeof offboardQuery>,
    @OperatorMetadata() metadata: EventMetadata,
  ) {
    const data = afterDays === 0 ? {} : { keptUntil: daysAfter(this.clock.now(), afterDays) };
    const { state } = await this.commands.execute(
      new RunControlCommand(tenantId, { type: 'OffboardTenant', data }, metadata),
    );
    if (state.tenant.status === 'erased') await this.worker.destroyKeys(tenantId);
  }

  /** Takes the off-boarding back while the data is there: credentials work again. */
  @Post('reinstatement')
  @HttpCode(204)
  async reinstate(@Param('tenant', tenantParameter) tenantId: string, @OperatorMetadata() metadata: EventMetadata) {
    await this.commands.execute(new RunControlCommand(tenantId, { type: 'ReinstateTenant', data: {} }, metadata));
  }
}
