import { urns, type Attribute } from '#scim';

/** The column of row `r` that holds an attribute's `indexedText`; `id` is never cut and stands in no document. */
export const textColumnOf = (attribute: Attribute): string | undefined => {
  switch (attribute.path) {
    case 'id':
      return 'r.id';
    case 'externalId':
      return 'r.external_id';
    case 'userName':
      return isOfUsers(attribute) ? 'r.user_name' : undefined;
    case 'displayName':
      return isFoldedText(attribute) ? 'r.display_name' : undefined; // a tenant's own type may have one of another kind
    default:
      return undefined;
  }
};

/** Whether it is the access of a user, which has a column and is never without value. */
export const isAccess = (attribute: Attribute): boolean => attribute.path === 'active' && isOfUsers(attribute);

/** The column of a time. */
export const timeColumnOf = ({ path }: Attribute): string | undefined => {
  if (path === 'meta.created') return 'r.created_at';
  return path === 'meta.lastModified' ? 'r.changed_at' : undefined;
};

const isOfUsers = ({ schema }: Attribute): boolean => schema === urns.user;

const isFoldedText = ({ type, multiValued, caseExact }: Attribute): boolean =>
  type === 'string' && !multiValued && !caseExact;
