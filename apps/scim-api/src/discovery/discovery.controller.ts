import { Controller, Get, Inject, Param, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '#access';
import {
  listResponse,
  resourceTypeResource,
  resourceTypeSchemaDefinition,
  schemaResource,
  schemaSchemaDefinition,
  ScimError,
  serviceProviderConfig,
  serviceProviderConfigSchemaDefinition,
  type ResourceTypeDefinition,
  type SchemaDefinition,
} from '#scim';
import { BulkLimits } from '../bulk/bulk-limits.js';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, type RawQuery } from '../edge/query-parameters.js';
import { sendScim } from '../edge/scim-reply.js';
import { ScimUrls } from '../edge/scim-urls.js';
import { CURSOR_TIMEOUT_SECONDS } from '../search/page-cursors.js';
import { profileOf } from '../tenants/connection-profile.js';
import { isInteropConformant } from '../tenants/interop-conformance.js';
import { coreView, type TenantView } from '../tenants/tenant-view.js';
import { TenantViews } from '../tenants/tenant-views.js';
import { CallerIfAny, CredentialIfAny } from './credential-if-any.guard.js';

/** Events are told by Kafka (`ce_seturi`); there is no stream of Security Event Tokens that could deliver any (RFC 9967 §4). */
const securityEvents = { asyncRequest: 'request', eventUris: [] } as const;

/** Whether to tell what clients older than RFC 9967 take for a mistake (ADR 15). */
const isByTheRfcs = (caller: Caller | undefined): boolean =>
  caller !== undefined && profileOf({ credentialId: caller.actor.id, settings: caller.tenant.settings }).name === 'rfc';

const resourceTypesOf = ({ user, group }: TenantView): readonly ResourceTypeDefinition[] => [
  user.resourceType,
  group.resourceType,
];
const schemasOf = ({ user, group }: TenantView): readonly SchemaDefinition[] => [
  ...user.definitions,
  ...group.definitions,
  serviceProviderConfigSchemaDefinition,
  resourceTypeSchemaDefinition,
  schemaSchemaDefinition,
];

/**
 * What this service can do (RFC 7644 §4). Answers without credentials, and for unknown tenants alike (R15); with them, the tenant's own truth
 * (R124).
 */
@Controller('t/:tenant/scim/v2')
@UseGuards(CredentialIfAny)
export class DiscoveryController {
  constructor(
    @Inject(ScimUrls) private readonly urls: ScimUrls,
    @Inject(TenantViews) private readonly views: TenantViews,
    @Inject(BulkLimits) private readonly bulk: BulkLimits,
  ) {}

  @Get('ServiceProviderConfig')
  async config(
    @Param('tenant') tenant: string,
    @CallerIfAny() caller: Caller | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const config = serviceProviderConfig({
      baseUrl: this.urls.base(tenant),
      bulk: { maxOperations: this.bulk.maxOperations, maxPayloadSize: this.bulk.maxPayloadSize },
      filter: { maxResults: MAX_PAGE_SIZE },
      sort: true,
      etag: true,
      pagination: {
        cursor: true,
        index: true,
        defaultPaginationMethod: 'index',
        defaultPageSize: DEFAULT_PAGE_SIZE,
        maxPageSize: MAX_PAGE_SIZE,
        cursorTimeout: CURSOR_TIMEOUT_SECONDS,
      },
      ...(isByTheRfcs(caller) ? { securityEvents } : {}),
      authenticationSchemes: [
        {
          type: 'oauthbearertoken',
          name: 'Bearer token',
          description: 'A SCIM token of the tenant, or an access token of its OAuth 2.0 client',
          specUri: 'https://www.rfc-editor.org/rfc/rfc6750',
          primary: true,
        },
      ],
    });
    const body = (await this.isConformant(caller)) ? { ...config, interopProfileConformant: true } : config;
    await sendScim(request, reply, { status: 200, body });
  }

  @Get('ResourceTypes')
  async resourceTypes(
    @Param('tenant') tenant: string,
    @CallerIfAny() caller: Caller | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    refuseFilter(request);
    const resources = resourceTypesOf(await this.view(caller)).map((type) =>
      resourceTypeResource(type, this.urls.base(tenant)),
    );
    await sendScim(request, reply, {
      status: 200,
      body: listResponse({ resources, totalResults: resources.length, startIndex: 1 }),
    });
  }

  @Get('ResourceTypes/:name')
  async resourceType(
    @Param('tenant') tenant: string,
    @Param('name') name: string,
    @CallerIfAny() caller: Caller | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const type = resourceTypesOf(await this.view(caller)).find(({ id }) => id === name);
    if (type === undefined) throw new ScimError(404, undefined, 'There is no resource type with this name.');
    await sendScim(request, reply, { status: 200, body: resourceTypeResource(type, this.urls.base(tenant)) });
  }

  @Get('Schemas')
  async schemas(
    @Param('tenant') tenant: string,
    @CallerIfAny() caller: Caller | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    refuseFilter(request);
    const resources = schemasOf(await this.view(caller)).map((schema) =>
      schemaResource(schema, this.urls.base(tenant)),
    );
    await sendScim(request, reply, {
      status: 200,
      body: listResponse({ resources, totalResults: resources.length, startIndex: 1 }),
    });
  }

  @Get('Schemas/:urn')
  async schema(
    @Param('tenant') tenant: string,
    @Param('urn') urn: string,
    @CallerIfAny() caller: Caller | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const schema = schemasOf(await this.view(caller)).find(({ id }) => id.toLowerCase() === urn.toLowerCase());
    if (schema === undefined) throw new ScimError(404, undefined, 'There is no schema with this URN.');
    await sendScim(request, reply, { status: 200, body: schemaResource(schema, this.urls.base(tenant)) });
  }

  /** X13: a member that the interoperability profile asks for, told to nobody else. */
  private async isConformant(caller: Caller | undefined): Promise<boolean> {
    if (caller === undefined) return false;
    const { actor, tenant } = caller;
    const profile = profileOf({ credentialId: actor.id, settings: tenant.settings });
    return isInteropConformant(profile, tenant.settings, await this.view(caller));
  }

  private async view(caller: Caller | undefined): Promise<TenantView> {
    return caller === undefined ? coreView : this.views.of(caller.tenant);
  }
}

/** A client that filters here must not take the whole list for the answer (RFC 7644 §4, R121). */
const refuseFilter = (request: FastifyRequest): void => {
  if ((request.query as RawQuery)['filter'] !== undefined)
    throw new ScimError(403, undefined, 'This endpoint cannot be filtered: it answers with the whole list.');
};
