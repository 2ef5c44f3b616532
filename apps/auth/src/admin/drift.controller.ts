import { Readable } from 'node:stream';
import { Body, Controller, Header, HttpCode, Param, Post, Query, StreamableFile, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { ControlQueries, OperatorGuard } from '#access';
import { JSON_LINES, TakesFile } from '#runtime';
import { extendedSchemas } from '#tenancy';
import { DescribedFile } from '../drift/described-file.js';
import { DriftReport, type DriftEntry } from '../drift/drift-report.js';
import { Checked } from './input.js';
import { tenantParameter } from './path-parameters.js';
import { TenantMustExist } from './tenant-must-exist.js';

/** `complete`: the body has every user of the identity provider. */
const driftQuery = z.strictObject({ complete: z.enum(['true', 'false']).default('false') });

/** What the identity provider says of users, compared with what is held (F26). Nothing of it is kept. */
@Controller('admin/v1/tenants/:tenant/drift-report')
@UseGuards(OperatorGuard)
export class DriftController {
  constructor(
    private readonly report: DriftReport,
    private readonly queries: ControlQueries,
    private readonly tenants: TenantMustExist,
  ) {}

  /** NDJSON: a line a difference, the last one a summary. The whole body is checked before the first. */
  @Post()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @TakesFile()
  async compare(
    @Param('tenant', tenantParameter) tenantId: string,
    @Query(new Checked(driftQuery)) { complete }: z.output<typeof driftQuery>,
    @Body() body: unknown,
  ) {
    await this.tenants.check(tenantId);
    const { user: schema } = extendedSchemas(await this.queries.findSchemas(tenantId));
    const file = new DescribedFile(body, schema);
    await file.check();
    const entries = this.report.of(tenantId, file.parts(), { isWhole: complete === 'true' });
    // What cannot be answered at all is an error, not an answer that breaks off.
    const first = await entries.next();
    return new StreamableFile(Readable.from(lines(first, entries)), { type: JSON_LINES });
  }
}

type Entries = AsyncGenerator<readonly DriftEntry[]>;

async function* lines(first: Awaited<ReturnType<Entries['next']>>, rest: Entries): AsyncGenerator<string> {
  for (let part = first; part.done !== true; part = await rest.next())
    if (part.value.length > 0) yield part.value.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}
