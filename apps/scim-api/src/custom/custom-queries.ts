import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { resourceStream } from '#directory';
import { CommandRunner, DomainError } from '#event-sourcing';
import { CustomQueries, ReadModelParked, type ResourceRecord } from '#read-model';
import { listResponse, type ListResponse, type ResourceSchema, type ScimObject } from '#scim';
import { findParameters } from '../edge/find-parameters.js';
import type { ListParameters } from '../edge/query-parameters.js';
import { connectionOf, type RequestContext } from '../edge/request-context.js';
import { ScimUrls } from '../edge/scim-urls.js';
import type { Showing } from '../resources/showing.js';
import { PageCursors } from '../search/page-cursors.js';
import { strictnessFor } from '../tenants/connection-profile.js';
import { customRepresentation } from './custom-representation.js';

export class GetResource extends Query<{ revision: number; body: ScimObject }> {
  constructor(
    readonly tenantId: string,
    readonly id: string,
    readonly showing: Showing,
  ) {
    super();
  }
}

@QueryHandler(GetResource)
export class GetResourceHandler implements IQueryHandler<GetResource> {
  constructor(
    private readonly resources: CustomQueries,
    private readonly runner: CommandRunner,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
  ) {}

  async execute({ tenantId, id, showing }: GetResource): Promise<{ revision: number; body: ScimObject }> {
    const { schema } = showing;
    const resource = await this.resources.get(tenantId, schema, id).catch((error: unknown) => {
      if (error instanceof ReadModelParked) return this.fromStream(tenantId, schema, id);
      throw error;
    });
    if (resource === undefined)
      throw new DomainError('resource-not-found', `There is no ${schema.resourceType.name} with this id.`);
    return { revision: resource.revision, body: customRepresentation(tenantId, resource, this.urls, showing) };
  }

  /** A parked read model does not keep a resource from being read: the stream tells the same (DESIGN §5). */
  private async fromStream(
    tenantId: string,
    { resourceType }: ResourceSchema,
    id: string,
  ): Promise<ResourceRecord | undefined> {
    const { state, revision, createdAt, changedAt } = await this.runner.read(resourceStream, tenantId, id);
    if (state.status !== 'present' || createdAt === undefined || changedAt === undefined) return undefined;
    if (state.type.resourceType !== resourceType.name) return undefined;
    return { id, attributes: state.attributes, revision, createdAt, changedAt };
  }
}

export class FindResourcesOfType extends Query<ListResponse<ScimObject>> {
  constructor(
    readonly context: RequestContext,
    readonly parameters: ListParameters,
    readonly showing: Showing,
  ) {
    super();
  }
}

@QueryHandler(FindResourcesOfType)
export class FindResourcesOfTypeHandler implements IQueryHandler<FindResourcesOfType> {
  constructor(
    private readonly resources: CustomQueries,
    @Inject(ScimUrls) private readonly urls: ScimUrls,
    @Inject(PageCursors) private readonly cursors: PageCursors,
  ) {}

  async execute({ context, parameters, showing }: FindResourcesOfType): Promise<ListResponse<ScimObject>> {
    const { tenantId } = context;
    const { schema } = showing;
    const paged = { context, endpoint: schema.resourceType.endpoint, parameters };
    const query = {
      ...findParameters(parameters, schema, strictnessFor(connectionOf(context))),
      ...this.cursors.pageOf(paged),
    };
    const { resources, totalResults, next } = await this.resources.find(tenantId, schema, query);
    const shown = resources.map((resource) => customRepresentation(tenantId, resource, this.urls, showing));
    return listResponse({ resources: shown, totalResults, ...this.cursors.members(paged, next) });
  }
}
