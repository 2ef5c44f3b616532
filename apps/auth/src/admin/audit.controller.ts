import { Readable } from 'node:stream';
import { Controller, Get, Header, Headers, Param, Query, StreamableFile, UseGuards } from '@nestjs/common';
import { OperatorGuard } from '#access';
import { AuditTrail } from '#directory';
import { auditQuery, type AuditQuery } from './history-queries.js';
import { auditEntryBody } from './history-representations.js';
import { Checked } from './input.js';
import { pageBody } from './paging.js';
import { tenantParameter } from './path-parameters.js';
import { TenantMustExist } from './tenant-must-exist.js';

const NDJSON = 'application/x-ndjson';

/** Who changed what in a tenant, and when; newest first. */
@Controller('admin/v1/tenants/:tenant/audit')
@UseGuards(OperatorGuard)
export class AuditController {
  constructor(
    private readonly trail: AuditTrail,
    private readonly tenants: TenantMustExist,
  ) {}

  /** A page of JSON, or everything from the cursor's place on as NDJSON when Accept asks for it. */
  @Get()
  @Header('cache-control', 'no-store')
  async find(
    @Param('tenant', tenantParameter) tenantId: string,
    @Query(new Checked(auditQuery)) { filter, limit, before }: AuditQuery,
    @Headers('accept') accept = '',
  ) {
    await this.tenants.check(tenantId);
    if (accept.includes(NDJSON))
      return new StreamableFile(Readable.from(this.lines(tenantId, filter, before)), { type: NDJSON });
    const { entries, next } = await this.trail.page(tenantId, filter, { limit, before });
    return pageBody({ rows: entries, next: next?.toString() }, auditEntryBody);
  }

  private async *lines(tenantId: string, filter: AuditQuery['filter'], before: number | undefined) {
    for await (const entries of this.trail.all(tenantId, filter, before))
      yield entries.map((entry) => `${JSON.stringify(auditEntryBody(entry))}\n`).join('');
  }
}
