import { Body, Controller, Delete, Get, Header, HttpCode, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import {
  ControlQueries,
  newClientSecret,
  newCredentialId,
  OperatorGuard,
  type ClientWithSecrets,
  type PageRequest,
} from '#access';
import type { EventMetadata } from '#event-sourcing';
import { TenancyError, type GrantType, type OAuthClientCommand } from '#tenancy';
import { Consents } from '../administrators/consents.js';
import { IssuerDiscovery } from '../oauth/assertions/issuer-discovery.js';
import {
  addSecretBody,
  changeClientBody,
  createClientBody,
  daysAfter,
  type AddSecretBody,
  type ChangeClientBody,
  type CreateClientBody,
} from './bodies.js';
import { authenticationIn } from './client-authentication-body.js';
import { Clock } from './clock.js';
import { RunControlCommand } from './control-commands.js';
import { Checked } from './input.js';
import { OperatorMetadata } from './operator-metadata.js';
import { pageBody, pageQuery } from './paging.js';
import { idParameter, tenantParameter } from './path-parameters.js';
import { redirectUrisOf } from './redirect-uris.js';
import { clientBody } from './representations.js';
import { TenantMustExist } from './tenant-must-exist.js';

/** OAuth clients and their secrets (F2). */
@Controller('admin/v1/tenants/:tenant/clients')
@UseGuards(OperatorGuard)
export class ClientsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: ControlQueries,
    private readonly tenants: TenantMustExist,
    private readonly clock: Clock,
    private readonly discovery: IssuerDiscovery,
    private readonly consents: Consents,
  ) {}

  /** The secret is in this answer and nowhere else; a client that authenticates by assertions has none. */
  @Post()
  @Header('cache-control', 'no-store')
  async register(
    @Param('tenant', tenantParameter) tenantId: string,
    @Body(new Checked(createClientBody)) body: CreateClientBody,
    @OperatorMetadata() metadata: EventMetadata,
  ) {
    const clientId = newCredentialId();
    const authentication = (await authenticationIn(body, this.discovery)) ?? { method: 'client_secret_basic' };
    const { clientSecret, secret, at } = this.newSecret(body.secretExpiresInDays);
    const { name } = body;
    const redirectUris = redirectUrisOf(body);
    const grantTypes = body.grantTypes as GrantType[]; // checked by the decider
    const registration = { clientId, name, grantTypes, redirectUris, authentication, at };
    const bySecret = authentication.method === 'client_secret_basic';
    await this.run(tenantId, metadata, {
      type: 'RegisterOAuthClient',
      data: bySecret ? { ...registration, secret } : registration,
    });
    return bySecret ? { clientId, clientSecret } : { clientId };
  }

  @Get()
  @Header('cache-control', 'no-store')
  async find(@Param('tenant', tenantParameter) tenantId: string, @Query(new Checked(pageQuery)) page: PageRequest) {
    await this.tenants.check(tenantId);
    return pageBody(await this.queries.findClients(tenantId, page), clientBody);
  }

  @Get(':client')
  @Header('cache-control', 'no-store')
  async get(@Param('tenant', tenantParameter) tenantId: string, @Param('client', idParameter) clientId: string) {
    await this.tenants.check(tenantId);
    return clientBody(existing(await this.queries.getClient(tenantId, clientId)));
  }

  @Patch(':client')
  async change(
    @Param('tenant', tenantParameter) tenantId: string,
    @Param('client', idParameter) clientId: string,
    @Body(new Checked(changeClientBody)) { name, enabled, ...fields }: ChangeClientBody,
    @OperatorMetadata() metadata: EventMetadata,
  ) {
    const authentication = await authenticationIn(fields, this.discovery);
    const change = {
      ...(name === undefined ? {} : { name }),
      ...(enabled === undefined ? {} : { enabled }),
      ...(authentication === undefined ? {} : { authentication }),
    };
    await this.run(tenantId, metadata, { type: 'ChangeOAuthClient', data: { clientId, ...change } });
    return this.get(tenantId, clientId);
  }

  @Delete(':client')
  @HttpCode(204)
  async delete(
    @Param('tenant', tenantParameter) tenantId: string,
    @Param('client', idParameter) clientId: string,
    @OperatorMetadata() metadata: EventMetadata,
  ) {
    await this.run(tenantId, metadata, { type: 'DeleteOAuthClient', data: { clientId } });
  }

  /** Takes back what an administrator consented to (F8). */
  @Delete(':client/authorization')
  @HttpCode(204)
  async revokeAuthorization(
    @Param('tenant', tenantParameter) tenantId: string,
    @Param('client', idParameter) clientId: string,
    @OperatorMetadata() metadata: EventMetadata,
  ) {
    await this.consents.revoke(tenantId, clientId, metadata);
  }

  /** A further secret: the old ones stay alive until they are revoked or expire, so a client rotates without a gap (C-E16). */
  @Post(':client/secrets')
  @Header('cache-control', 'no-store')
  async addSecret(
    @Param('tenant', tenantParameter) tenantId: string,
    @Param('client', idParameter) clientId: string,
    @Body(new Checked(addSecretBody)) { expiresInDays }: AddSecretBody,
    @OperatorMetadata() metadata: EventMetadata,
  ) {
    const { clientSecret, secret, at } = this.newSecret(expiresInDays);
    await this.run(tenantId, metadata, { type: 'AddOAuthClientSecret', data: { clientId, secret, at } });
    return { id: secret.secretId, clientSecret, expiresAt: secret.expiresAt };
  }

  @Delete(':client/secrets/:secret')
  @HttpCode(204)
  async revokeSecret(
    @Param('tenant', tenantParameter) tenantId: string,
    @Param('client', idParameter) clientId: string,
    @Param('secret', idParameter) secretId: string,
    @OperatorMetadata() metadata: EventMetadata,
  ) {
    await this.run(tenantId, metadata, { type: 'RevokeOAuthClientSecret', data: { clientId, secretId } });
  }

  private newSecret(expiresInDays: number) {
    const now = this.clock.now();
    const { secretId, secret: clientSecret, hash } = newClientSecret();
    const secret = { secretId, hash, expiresAt: daysAfter(now, expiresInDays) };
    return { clientSecret, secret, at: now.toISOString() };
  }

  private run(tenantId: string, metadata: EventMetadata, command: OAuthClientCommand) {
    return this.commands.execute(new RunControlCommand(tenantId, command, metadata));
  }
}

const existing = (client: ClientWithSecrets | undefined): ClientWithSecrets => {
  if (client === undefined) throw new TenancyError('client-not-found', 'The tenant has no such client.');
  return client;
};
