import { Readable } from 'node:stream';
import { Controller, Get, Header, Headers, Param, Query, StreamableFile, UseGuards } from '@nestjs/common';
import { OperatorGuard } from '#access';
import { auditCursor, auditQuery, type AuditQuery } from './history-queries.js';
import { auditEntryBody } from './history-representations.js';
import { Checked } from './input.js';
import { pageBody } from './paging.js';
import { tenantParameter } from './path-parameters.js';
import { TenantMustExist } from './tenant-must-exist.js';
import { WholeAudit } from './whole-audit.js';

const NDJSON = 'application/x-ndjson';

/** Who changed what in a tenant, or was refused to, and when; newest first. */
@Controller('admin/v1/tenants/:tenant/audit')
@UseGuards(OperatorGuard)
export class AuditController {
  constructor(
    private readonly audit: WholeAudit,
    private readonly tenants: TenantMustExist,
  ) {}

  /** A page of JSON, or everything from the cursor's place on as NDJSON when Accept asks for it. */
  @Get()
  @Header('cache-control', 'no-store')
  async find(
    @Param('tenant', tenantParameter) tenantId: string,
    @Query(new Checked(auditQuery)) { filter, limit, from }: AuditQuery,
    @Headers('accept') accept = '',
  ) {
    await this.tenants.check(tenantId);
    if (accept.includes(NDJSON))
      return new StreamableFile(Readable.from(this.lines(tenantId, filter, from)), { type: NDJSON });
    const { entries, next } = await this.audit.page(tenantId, filter, { limit, from });
    return pageBody({ rows: entries, next: next && auditCursor(next) }, auditEntryBody);
  }

  private async *lines(tenantId: string, filter: AuditQuery['filter'], from: AuditQuery['from']) {
    for await (const entries of this.audit.all(tenantId, filter, from))
      yield entries.map((entry) => `${JSON.stringify(auditEntryBody(entry))}\n`).join('');
  }
}
