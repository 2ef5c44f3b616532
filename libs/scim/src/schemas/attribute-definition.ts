import type { AttributeDefinition, AttributeType } from './definitions.js';

type Characteristics = Partial<Omit<AttributeDefinition, 'name' | 'description'>>;

/** An attribute with the defaults of RFC 7643 §2.2 filled in. References and binary are case-exact (§2.3.6, §2.3.7, erratum 6001). */
export const attribute = (
  name: string,
  description: string,
  characteristics: Characteristics = {},
): AttributeDefinition => {
  const type: AttributeType = characteristics.type ?? 'string';
  return {
    name,
    type,
    multiValued: false,
    description,
    required: false,
    caseExact: type === 'reference' || type === 'binary',
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...characteristics,
  };
};

/** A complex attribute. */
export const complex = (
  name: string,
  description: string,
  subAttributes: readonly AttributeDefinition[],
  characteristics: Characteristics = {},
): AttributeDefinition => attribute(name, description, { ...characteristics, type: 'complex', subAttributes });

/** A multi-valued attribute with the usual sub-attributes `value`, `display`, `type` and `primary` (RFC 7643 §2.4). */
export const plural = (
  name: string,
  description: string,
  value: AttributeDefinition,
  types?: readonly string[],
): AttributeDefinition =>
  complex(
    name,
    description,
    [
      value,
      attribute('display', 'A human-readable name, primarily used for display purposes.'),
      attribute(
        'type',
        "A label that indicates the attribute's function.",
        types === undefined ? {} : { canonicalValues: types },
      ),
      primary,
    ],
    { multiValued: true },
  );

export const primary = attribute(
  'primary',
  "Whether this is the preferred value of the attribute. At most one value may be 'true'.",
  { type: 'boolean' },
);
