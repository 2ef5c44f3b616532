import { Body, Controller, Get, Header, HttpCode, Param, Patch, Post, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { AdministratorPersons, ControlQueries, newCredentialId, OperatorGuard, type AdministratorRow } from '#access';
import type { EventMetadata } from '#event-sourcing';
import { TenancyError, type AdministratorCommand } from '#tenancy';
import { Consents } from '../administrators/consents.js';
import { invitationLink, newInvitation } from '../administrators/invitation.js';
import { OAuthEndpoints } from '../oauth/endpoints.js';
import {
  changeAdministratorBody,
  daysAfter,
  inviteAdministratorBody,
  type ChangeAdministratorBody,
  type InviteAdministratorBody,
} from './bodies.js';
import { Clock } from './clock.js';
import { RunControlCommand } from './control-commands.js';
import { Checked } from './input.js';
import { OperatorMetadata } from './operator-metadata.js';
import { idParameter, tenantParameter } from './path-parameters.js';
import { administratorBody } from './representations.js';
import { TenantMustExist } from './tenant-must-exist.js';

const LINK_DAYS = 7;

/** Tenant administrators, who consent to clients at the authorization endpoint (F8). */
@Controller('admin/v1/tenants/:tenant/administrators')
@UseGuards(OperatorGuard)
export class AdministratorsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: ControlQueries,
    private readonly tenants: TenantMustExist,
    private readonly clock: Clock,
    private readonly persons: AdministratorPersons,
    private readonly consents: Consents,
    private readonly endpoints: OAuthEndpoints,
  ) {}

  /** The link is in this answer and nowhere else. */
  @Post()
  @Header('cache-control', 'no-store')
  async invite(
    @Param('tenant', tenantParameter) tenantId: string,
    @Body(new Checked(inviteAdministratorBody)) { email, displayName }: InviteAdministratorBody,
    @OperatorMetadata() metadata: EventMetadata,
  ) {
    await this.tenants.check(tenantId);
    const id = newCredentialId();
    if (!(await this.persons.add(tenantId, { id, email, displayName })))
      throw new TenancyError('administrator-email-taken', 'The tenant has an administrator of that address.');
    return { id, ...(await this.newLink(tenantId, id, metadata)) };
  }

  @Get()
  @Header('cache-control', 'no-store')
  async find(@Param('tenant', tenantParameter) tenantId: string) {
    await this.tenants.check(tenantId);
    const [rows, persons] = await Promise.all([this.queries.findAdministrators(tenantId), this.persons.of(tenantId)]);
    return { items: rows.map((row) => administratorBody(row, persons.get(row.id))) };
  }

  /** Disabled: cannot sign in, and whatever they consented to ends. */
  @Patch(':administrator')
  async change(
    @Param('tenant', tenantParameter) tenantId: string,
    @Param('administrator', idParameter) administratorId: string,
    @Body(new Checked(changeAdministratorBody)) { enabled }: ChangeAdministratorBody,
    @OperatorMetadata() metadata: EventMetadata,
  ) {
    await this.run(tenantId, metadata, { type: 'ChangeAdministrator', data: { administratorId, enabled } });
    if (!enabled) await this.consents.revokeAllOf(tenantId, administratorId, metadata);
    const persons = await this.persons.of(tenantId);
    return administratorBody(
      existing(await this.queries.getAdministrator(administratorId)),
      persons.get(administratorId),
    );
  }

  /** For who lost the first one, or the password. Links made before stop working. */
  @Post(':administrator/link')
  @Header('cache-control', 'no-store')
  @HttpCode(201)
  async link(
    @Param('tenant', tenantParameter) tenantId: string,
    @Param('administrator', idParameter) administratorId: string,
    @OperatorMetadata() metadata: EventMetadata,
  ) {
    const row = existing(await this.queries.getAdministrator(administratorId));
    if (row.tenantId !== tenantId) throw notFound();
    return this.newLink(tenantId, administratorId, metadata);
  }

  private async newLink(tenantId: string, administratorId: string, metadata: EventMetadata) {
    const now = this.clock.now();
    const expiresAt = daysAfter(now, LINK_DAYS);
    const invitation = newInvitation(administratorId);
    const data = { administratorId, expiresAt, at: now.toISOString() };
    await this.run(tenantId, metadata, { type: 'InviteAdministrator', data });
    await this.persons.setLink(tenantId, administratorId, {
      secret: invitation.secret,
      expiresAt: new Date(expiresAt),
    });
    return { link: invitationLink(this.endpoints.issuer, invitation), expiresAt };
  }

  private run(tenantId: string, metadata: EventMetadata, command: AdministratorCommand) {
    return this.commands.execute(new RunControlCommand(tenantId, command, metadata));
  }
}

const notFound = (): TenancyError =>
  new TenancyError('administrator-not-found', 'The tenant has no such administrator.');

const existing = (row: AdministratorRow | undefined): AdministratorRow => {
  if (row === undefined) throw notFound();
  return row;
};
