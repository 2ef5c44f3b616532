import { DomainError, type CommandRequest, type CommandResult, type Message } from '#event-sourcing';
import { parseProjection, type ResourceSchema, type ScimObject } from '#scim';
import type { TenantSettings } from '#tenancy';
import { entityTag, matchesNone, preconditionOf } from '../edge/preconditions.js';
import type { ProjectionParameters } from '../edge/query-parameters.js';
import type { RequestContext } from '../edge/request-context.js';
import type { ScimAnswer } from '../edge/scim-reply.js';
import type { RequestOptions } from './resource-operations.js';
import type { Showing } from './showing.js';

/** A change of one resource; how its answer shows the resource is settled before anything is written. */
export interface Change {
  readonly context: RequestContext;
  readonly id: string;
  readonly options: RequestOptions;
  readonly showing: Showing;
}

/** Throws 400 for parameters that a projection cannot have. */
export const showingOf = (schema: ResourceSchema, options: ProjectionParameters): Showing => ({
  schema,
  projection: parseProjection(options, schema),
});

/** The command for the runner: under the rules of the tenant, and on the version that the client speaks of. */
export const requestOf = <Command extends Message>(
  command: Command,
  { context: { tenantId, metadata, tenant }, id, options }: Change,
): CommandRequest<Command & { readonly rules: TenantSettings }> => {
  const precondition = preconditionOf(options);
  return {
    tenantId,
    resourceId: id,
    command: { ...command, rules: tenant.settings },
    metadata,
    ...(precondition === undefined ? {} : { precondition }),
  };
};

type AnyState = Readonly<{ status: 'absent' | 'present' | 'deleted' }>;

/** The resource as a command left it. Throws DomainError `resource-not-found` when it is gone. */
export const versionOf = <State extends AnyState>(
  { state, revision, createdAt, changedAt }: CommandResult<State, Message>,
  noun: string,
) => {
  if (state.status !== 'present' || createdAt === undefined || changedAt === undefined)
    throw new DomainError('resource-not-found', `There is no ${noun} with this id.`);
  return { ...(state as Extract<State, { status: 'present' }>), revision, createdAt, changedAt };
};

/** A resource at a version. */
export interface Shown {
  readonly revision: number;
  readonly location: string;
  readonly body: ScimObject;
}

/** Answers a change with what it made. */
export const changedAnswer = (status: 200 | 201, { revision, location, body }: Shown): ScimAnswer => ({
  status,
  etag: entityTag(revision),
  location,
  body,
});

/** Answers a read: 304 when the client has this version. */
export const readAnswer = ({ ifNoneMatch }: RequestOptions, { revision, location, body }: Shown): ScimAnswer => {
  const etag = entityTag(revision);
  return matchesNone(ifNoneMatch, revision) ? { status: 304, etag } : { status: 200, etag, location, body };
};
