import { Controller, Get, Header, Param, Query, UseGuards } from '@nestjs/common';
import { OperatorGuard } from '#access';
import { ResourceHistory, type PastMembers } from '#directory';
import { historyQuery, type HistoryQuery } from './history-queries.js';
import { historyEntryBody, memberBody, pastResourceBody } from './history-representations.js';
import { Checked } from './input.js';
import { pageBody } from './paging.js';
import { membersCursor, pastQuery, type PastQuery } from './past-queries.js';
import { resourceIdParameter, tenantParameter } from './path-parameters.js';
import { TenantMustExist } from './tenant-must-exist.js';

/** The past of resources. */
@Controller('admin/v1/tenants/:tenant/resources/:id')
@UseGuards(OperatorGuard)
export class ResourcesController {
  constructor(
    private readonly past: ResourceHistory,
    private readonly tenants: TenantMustExist,
  ) {}

  /** As it was `?asOf=` a time, or is now. Of a group a page of its members as well. */
  @Get()
  @Header('cache-control', 'no-store')
  async at(
    @Param('tenant', tenantParameter) tenantId: string,
    @Param('id', resourceIdParameter) id: string,
    @Query(new Checked(pastQuery)) { asOf, members }: PastQuery,
  ) {
    await this.tenants.check(tenantId);
    const resource = await this.past.at(tenantId, id, asOf);
    if (resource.kind !== 'group') return pastResourceBody(resource);
    const page = { ...members, from: members.from ?? { sequence: resource.sequence, after: '' } };
    const { items, ...more } = membersBody(await this.past.members(tenantId, id, page));
    return { ...pastResourceBody(resource), members: items, ...more };
  }

  /** The members of a group `?asOf=` a time, or now, without reading its events. */
  @Get('members')
  @Header('cache-control', 'no-store')
  async members(
    @Param('tenant', tenantParameter) tenantId: string,
    @Param('id', resourceIdParameter) id: string,
    @Query(new Checked(pastQuery)) { asOf, members }: PastQuery,
  ) {
    await this.tenants.check(tenantId);
    return membersBody(await this.past.members(tenantId, id, { ...members, time: asOf }));
  }

  /** Every event, oldest first, with the values before and after. */
  @Get('history')
  @Header('cache-control', 'no-store')
  async history(
    @Param('tenant', tenantParameter) tenantId: string,
    @Param('id', resourceIdParameter) id: string,
    @Query(new Checked(historyQuery)) page: HistoryQuery,
  ) {
    await this.tenants.check(tenantId);
    const { entries, next } = await this.past.page(tenantId, id, page);
    const { items, ...more } = pageBody({ rows: entries, next: next?.toString() }, historyEntryBody);
    return { events: items, ...more };
  }
}

const membersBody = ({ members, next }: PastMembers) =>
  pageBody({ rows: members, next: next && membersCursor(next) }, memberBody);
