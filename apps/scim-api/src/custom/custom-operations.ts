import { Inject, Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { ResourceCommand, ResourceEvent, ResourceState } from '#directory';
import { DomainError, type CommandResult } from '#event-sourcing';
import { parsePatchRequest, parseResource, type ListResponse, type ResourceSchema, type ScimObject } from '#scim';
import { newResourceId } from '../edge/new-id.js';
import type { ListParameters, ProjectionParameters } from '../edge/query-parameters.js';
import { connectionOf, type RequestContext } from '../edge/request-context.js';
import type { ScimAnswer } from '../edge/scim-reply.js';
import { ScimUrls } from '../edge/scim-urls.js';
import { changedAnswer, readAnswer, requestOf, showingOf, versionOf, type Change } from '../resources/change.js';
import { ResourceOperations, type RequestOptions } from '../resources/resource-operations.js';
import { strictnessFor } from '../tenants/connection-profile.js';
import { RunResourceCommand } from './custom-command.js';
import { FindResourcesOfType, GetResource } from './custom-queries.js';
import { customRepresentation } from './custom-representation.js';

/** Operations on the resource types of tenants. */
@Injectable()
export class CustomResources {
  constructor(
    readonly commands: CommandBus,
    readonly queries: QueryBus,
    @Inject(ScimUrls) readonly urls: ScimUrls,
  ) {}

  /** Those on the type that the schema is of. */
  of(schema: ResourceSchema): ResourceOperations {
    return new CustomOperations(schema, this);
  }
}

/** RFC 7644 §3 for resources of one type of a tenant's own. */
class CustomOperations extends ResourceOperations {
  constructor(
    private readonly schema: ResourceSchema,
    private readonly parts: CustomResources,
  ) {
    super();
  }

  async create(context: RequestContext, body: unknown, options: RequestOptions): Promise<ScimAnswer> {
    const { schema } = this;
    const attributes = parseResource(body, schema, strictnessFor(connectionOf(context)));
    const change = { ...this.change(context, options), id: options.newId ?? newResourceId() };
    return this.answer(await this.run({ type: 'CreateResource', data: { attributes, schema } }, change), change, 201);
  }

  async get(context: RequestContext, id: string, options: RequestOptions): Promise<ScimAnswer> {
    const { tenantId } = context;
    const query = new GetResource(tenantId, id, showingOf(this.schema, options));
    return readAnswer(options, { ...(await this.parts.queries.execute(query)), location: this.location(tenantId, id) });
  }

  async find(
    context: RequestContext,
    query: ListParameters,
    options: ProjectionParameters,
  ): Promise<ListResponse<ScimObject>> {
    return this.parts.queries.execute(new FindResourcesOfType(context, query, showingOf(this.schema, options)));
  }

  async replace(context: RequestContext, id: string, body: unknown, options: RequestOptions): Promise<ScimAnswer> {
    const { schema } = this;
    const attributes = parseResource(body, schema, strictnessFor(connectionOf(context)));
    const change = { ...this.change(context, options), id };
    return this.answer(await this.run({ type: 'ReplaceResource', data: { attributes, schema } }, change), change, 200);
  }

  async patch(context: RequestContext, id: string, body: unknown, options: RequestOptions): Promise<ScimAnswer> {
    const strictness = strictnessFor(connectionOf(context));
    const data = { operations: parsePatchRequest(body, strictness), schema: this.schema, options: strictness };
    const change = { ...this.change(context, options), id };
    return this.answer(await this.run({ type: 'PatchResource', data }, change), change, 200);
  }

  /** The delete policy is about access, which only users have. */
  async delete(context: RequestContext, id: string, options: RequestOptions): Promise<ScimAnswer> {
    const change = { ...this.change(context, options), id };
    await this.run({ type: 'DeleteResource', data: { schema: this.schema } }, change);
    return { status: 204 };
  }

  private change(context: RequestContext, options: RequestOptions): Omit<Change, 'id'> {
    return { context, options, showing: showingOf(this.schema, options) };
  }

  private run(command: ResourceCommand, change: Change): Promise<CommandResult<ResourceState, ResourceEvent>> {
    if (!change.context.tenant.settings.provisioning.resources)
      throw new DomainError(
        'operation-off',
        'Changing resources of types of your own is switched off here (provisioning.resources).',
      );
    return this.parts.commands.execute(new RunResourceCommand(requestOf(command, change)));
  }

  private answer(
    result: CommandResult<ResourceState, ResourceEvent>,
    { context: { tenantId }, id, showing }: Change,
    status: 200 | 201,
  ): ScimAnswer {
    const resource = { ...versionOf(result, this.schema.resourceType.name), id };
    const body = customRepresentation(tenantId, resource, this.parts.urls, showing);
    return changedAnswer(status, { revision: resource.revision, location: this.location(tenantId, id), body });
  }

  private location(tenantId: string, id: string): string {
    return this.parts.urls.resource(tenantId, this.schema.resourceType.endpoint, id);
  }
}
