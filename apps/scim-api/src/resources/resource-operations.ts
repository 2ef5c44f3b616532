import type { ListResponse, ScimObject } from '#scim';
import type { ListParameters, ProjectionParameters } from '../edge/query-parameters.js';
import type { RequestContext } from '../edge/request-context.js';
import type { ScimAnswer } from '../edge/scim-reply.js';

/** Parameters of a request that concern its answer, and the version the client speaks of. */
export interface RequestOptions extends ProjectionParameters {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  /** The id that a new resource gets, when it is not for the service to choose one. */
  readonly newId?: string | undefined;
  /** Asked whenever the command is decided; throws when the request is not this process's to carry out any more. */
  readonly guard?: (() => void) | undefined;
}

/**
 * What RFC 7644 §3 lets a client do with resources of one type, free of HTTP: controllers and Bulk translate. Throws ScimError, DomainError and
 * the errors of the stores; the edge answers them.
 */
export abstract class ResourceOperations {
  /** 201 with the resource. */
  abstract create(context: RequestContext, body: unknown, options: RequestOptions): Promise<ScimAnswer>;
  /** 200 with the resource, 304 when the client has this version. */
  abstract get(context: RequestContext, id: string, options: RequestOptions): Promise<ScimAnswer>;
  abstract find(
    context: RequestContext,
    query: ListParameters,
    options: ProjectionParameters,
  ): Promise<ListResponse<ScimObject>>;
  /** 200 with the resource. */
  abstract replace(context: RequestContext, id: string, body: unknown, options: RequestOptions): Promise<ScimAnswer>;
  /** 200 with the resource, or 204. */
  abstract patch(context: RequestContext, id: string, body: unknown, options: RequestOptions): Promise<ScimAnswer>;
  /** 204. */
  abstract delete(context: RequestContext, id: string, options: RequestOptions): Promise<ScimAnswer>;
}
