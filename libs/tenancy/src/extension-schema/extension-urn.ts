import { presetSchemas, urns } from '#scim';
import { TenancyError } from '../refusal.js';

const LONGEST_URN = 200;
/** RFC 8141, as far as the paths of filters can name it. */
const URN = /^urn:[a-z0-9][a-z0-9-]{1,31}:[\w.-]+(?::[\w.-]+)*$/i;
/** Names of messages and of resource types that the RFCs define; extensions have a branch of their own (RFC 7643 §10.3.1). */
const RESERVED = ['urn:ietf:params:scim:api:', 'urn:ietf:params:scim:schemas:core:'];
const core = [urns.user, urns.group, urns.enterpriseUser, ...presetSchemas.map(({ id }) => id)];

/**
 * Returns the URN. Throws `schema-urn-invalid` when it is none or reserved, and `schema-urn-taken` when one would begin with the other:
 * `urn:a:b:c` could then be a schema, or an attribute of `urn:a:b`.
 */
export const checkedExtensionUrn = (urn: string, others: readonly string[]): string => {
  if (urn.length > LONGEST_URN || !URN.test(urn))
    throw new TenancyError(
      'schema-urn-invalid',
      `A schema is named by a URN of at most ${LONGEST_URN} characters, such as urn:ietf:params:scim:schemas:extension:acme:2.0:User.`,
    );
  const key = urn.toLowerCase();
  if (RESERVED.some((prefix) => key.startsWith(prefix)) || core.some((one) => one.toLowerCase() === key))
    throw new TenancyError(
      'schema-urn-invalid',
      'This URN is not yours to define: the RFCs or the service do. Name a schema of your own.',
    );
  const clash = [...core, ...others].find((other) => overlap(key, other.toLowerCase()));
  if (clash !== undefined)
    throw new TenancyError(
      'schema-urn-taken',
      `The URN and ${clash} begin alike: one could name an attribute of the other.`,
    );
  return urn;
};

const overlap = (a: string, b: string): boolean => a.startsWith(`${b}:`) || b.startsWith(`${a}:`);
