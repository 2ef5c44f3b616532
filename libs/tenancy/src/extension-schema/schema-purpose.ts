import { commonAttributes, type AttributeDefinition, type AttributeType, type SchemaDefinition } from '#scim';
import { TenancyError } from '../refusal.js';
import type { ExtendedType, SchemaDocument } from './schema-document.js';

/** What can be compared by its text alone. */
const claimable: readonly AttributeType[] = ['string', 'reference', 'integer'];
const common = new Set(commonAttributes.map(({ name }) => name.toLowerCase()));

/** Throws `schema-invalid` for what an extension of users or groups, or a schema of resource types of the tenant's own, cannot say. */
export const checkPurpose = (resourceType: ExtendedType, { schema, required }: SchemaDocument): void => {
  const unique = uniquePlaces(schema);
  if (resourceType !== 'Custom') {
    // Values that users and groups hold already are claimed by nobody (DESIGN §4: userName only).
    const [first] = unique;
    if (first !== undefined)
      throw invalid(first.place, 'of a schema that extends users or groups can be of uniqueness "none" only');
    return;
  }
  if (required)
    throw invalid('required', 'belongs to the "schemaExtensions" of a resource type when "resourceType" is Custom');
  for (const [index, { name }] of schema.attributes.entries())
    if (common.has(name.toLowerCase()))
      throw invalid(`attributes[${index}].name`, `cannot be "${name}": every resource has that one (RFC 7643 §3.1)`);
  const unclaimable = unique.find(({ attribute, isTop }) => !isTop || !isClaimable(attribute));
  if (unclaimable !== undefined)
    throw invalid(
      unclaimable.place,
      `can be of uniqueness "server" only at the top, with one value, and of type ${claimable.join(', ')}`,
    );
};

interface UniquePlace {
  readonly place: string;
  readonly attribute: AttributeDefinition;
  readonly isTop: boolean;
}

const uniquePlaces = ({ attributes }: SchemaDefinition): readonly UniquePlace[] =>
  attributes.flatMap((attribute, index) => {
    const place = `attributes[${index}]`;
    const within = (attribute.subAttributes ?? []).map((part, at) => ({
      place: `${place}.subAttributes[${at}]`,
      attribute: part,
      isTop: false,
    }));
    return [{ place, attribute, isTop: true }, ...within].filter((one) => one.attribute.uniqueness !== 'none');
  });

const isClaimable = ({ type, multiValued }: AttributeDefinition): boolean => !multiValued && claimable.includes(type);

const invalid = (place: string, what: string): TenancyError =>
  new TenancyError('schema-invalid', `"${place}" ${what}.`);
