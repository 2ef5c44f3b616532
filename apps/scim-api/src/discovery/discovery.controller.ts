import { Controller, Get, Inject, Param, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '#access';
import {
  listResponse,
  resourceTypeResource,
  resourceTypeSchemaDefinition,
  rolesAndEntitlements,
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
import { coreView, schemasOfView, type TenantView } from '../tenants/tenant-view.js';
import { TenantViews } from '../tenants/tenant-views.js';
import { CallerIfAny, CredentialIfAny } from './credential-if-any.guard.js';

/** Events are told by Kafka (`ce_seturi`); there is no stream of Security Event Tokens that could deliver any (RFC 9967 §4). */
const securityEvents = { asyncRequest: 'request', eventUris: [] } as const;

/** Whether to tell what clients older than RFC 9967 take for a mistake (ADR 15). */
const isByTheRfcs = (caller: Caller | undefined): boolean =>
  caller !== undefined && profileOf({ credentialId: caller.actor.id, settings: caller.tenant.settings }).name === 'rfc';

const resourceTypesOf = (view: TenantView): readonly ResourceTypeDefinition[] =>
  schemasOfView(view).map(({ resourceType }) => resourceType);

/** Each once, however many types have it. */
const schemasOf = (view: TenantView): readonly SchemaDefinition[] => [
  ...new Map(schemasOfView(view).flatMap(({ definitions }) => definitions.map((one) => [one.id, one]))).values(),
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
    await sendScim(request, reply, { status: 200, body: { ...config, ...(await this.toldTo(caller)) } });
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

  /** Members that no published RFC knows, told to the profiles that ask for them and to nobody else (X12, X13). */
  private async toldTo(caller: Caller | undefined): Promise<object> {
    if (caller === undefined) return {};
    const { actor, tenant } = caller;
    const profile = profileOf({ credentialId: actor.id, settings: tenant.settings });
    const view = await this.view(caller);
    return {
      ...(isInteropConformant(profile, tenant.settings, view) ? { interopProfileConformant: true } : {}),
      ...(profile.tellsRolesAndEntitlements === true
        ? { RolesAndEntitlements: rolesAndEntitlements(view.custom) }
        : {}),
    };
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
