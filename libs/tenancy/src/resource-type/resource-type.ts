import type { Decider, Message } from '#event-sourcing';
import { sameValue } from '#scim';
import { TenancyError } from '../refusal.js';
import { parseResourceTypeDocument, type CustomResourceType } from './resource-type-document.js';

export type ResourceTypeCommand =
  | Message<'RegisterResourceType', { name: string; document: Readonly<Record<string, unknown>> }>
  | Message<'RemoveResourceType', { name: string }>;

export type ResourceTypeEvent =
  | Message<'ResourceTypeRegistered', CustomResourceType>
  /** Retired: its resources stay as they are, and are there again when the type comes back. */
  | Message<'ResourceTypeRemoved', { name: string }>;

export type ResourceTypeState = Readonly<
  { status: 'absent' } | { status: 'registered' | 'removed'; current: CustomResourceType }
>;

/** What the tenant has beside the type. */
export interface ResourceTypeSurroundings {
  /** The URN as it is spelled, of a schema that resource types may have; undefined when there is none. */
  readonly schemaOf: (urn: string) => string | undefined;
  /** Endpoints of the tenant's other types, removed ones included. */
  readonly endpoints: readonly string[];
}

const decide = (
  command: ResourceTypeCommand,
  state: ResourceTypeState,
  surroundings: ResourceTypeSurroundings,
): readonly ResourceTypeEvent[] => {
  switch (command.type) {
    case 'RegisterResourceType': {
      const name = state.status === 'absent' ? command.data.name : state.current.name; // claims and keys hold the first spelling
      return register(settled(parseResourceTypeDocument(name, command.data.document), surroundings), state);
    }
    case 'RemoveResourceType':
      if (state.status !== 'registered')
        throw new TenancyError('resource-type-not-found', 'The tenant has no resource type of its own with this name.');
      return [{ type: 'ResourceTypeRemoved', data: { name: state.current.name } }];
  }
};

/** With the schemas' own spelling. Throws for a schema that is not there, and for an endpoint of another type. */
const settled = (
  resourceType: CustomResourceType,
  { schemaOf, endpoints }: ResourceTypeSurroundings,
): CustomResourceType => {
  const { endpoint, schema, schemaExtensions } = resourceType;
  if (endpoints.some((other) => other.toLowerCase() === endpoint.toLowerCase()))
    throw new TenancyError('resource-type-taken', `Another resource type of the tenant stands, or once stood, there.`);
  const known = (urn: string): string => {
    const spelled = schemaOf(urn);
    if (spelled !== undefined) return spelled;
    throw new TenancyError(
      'resource-type-invalid',
      `The tenant has no schema ${urn} with "resourceType": "Custom"; register it first.`,
    );
  };
  return {
    ...resourceType,
    schema: known(schema),
    schemaExtensions: schemaExtensions.map((extension) => ({ ...extension, schema: known(extension.schema) })),
  };
};

const register = (resourceType: CustomResourceType, state: ResourceTypeState): readonly ResourceTypeEvent[] => {
  if (state.status !== 'absent') {
    const { name, endpoint, schema } = state.current;
    if (resourceType.endpoint !== endpoint || resourceType.schema.toLowerCase() !== schema.toLowerCase())
      throw new TenancyError(
        'resource-type-incompatible',
        `${name} stands at ${endpoint} and has the schema ${schema}, for resources of it may be there: name another.`,
      );
    if (state.status === 'registered' && same(state.current, resourceType)) return [];
  }
  return [{ type: 'ResourceTypeRegistered', data: resourceType }];
};

const same = (a: CustomResourceType, b: CustomResourceType): boolean => sameValue(a, b);

const evolve = (state: ResourceTypeState, event: ResourceTypeEvent): ResourceTypeState => {
  switch (event.type) {
    case 'ResourceTypeRegistered':
      return { status: 'registered', current: event.data };
    case 'ResourceTypeRemoved':
      return state.status === 'registered' ? { status: 'removed', current: state.current } : state;
    default:
      event satisfies never;
      return state;
  }
};

/** The rules of one resource type: registered, changed in what stored resources do not depend on, retired and perhaps registered again. */
export const resourceTypeDecider: Decider<
  ResourceTypeState,
  ResourceTypeCommand,
  ResourceTypeEvent,
  ResourceTypeSurroundings
> = {
  initialState: () => ({ status: 'absent' }),
  decide,
  evolve,
};
