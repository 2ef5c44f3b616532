import type { ControlState } from '#tenancy';
import type { ExportHeader } from './export-format.js';

/** The tenant's own schemas and resource types, as documents that can be registered elsewhere. */
export const definitionsOf = ({
  schemas,
  resourceTypes,
}: ControlState): Pick<ExportHeader, 'schemas' | 'resourceTypes'> => ({
  schemas: [...schemas.values()].flatMap((schema) => {
    if (schema.status !== 'registered') return [];
    const { urn, resourceType, required, schema: definition } = schema.current;
    return [{ urn, document: { ...definition, resourceType, required } }];
  }),
  resourceTypes: [...resourceTypes.values()].flatMap((type) =>
    type.status === 'registered' ? [{ name: type.current.name, document: { ...type.current } }] : [],
  ),
});
