import type { Attribute, Profile, ResourceSchema } from '#scim';
import type { TenantSettings } from '#tenancy';
import { coreView, schemasOfView, type TenantView } from './tenant-view.js';

/**
 * Whether a connection meets the SCIM 2.0 Interoperability Profile (draft-zollner-scim-interop-profile-01): what it must refuse is refused,
 * DELETE deletes (X17), nothing that was sent is dropped in silence, and each `type` in a schema of the tenant's own says what it takes (X14); those
 * of the core are as RFC 7643 §8.7.1 lists them, which names none for entitlements, roles and certificates.
 */
export const isInteropConformant = (
  profile: Profile,
  { deletePolicy, allowedAttributes }: Pick<TenantSettings, 'deletePolicy' | 'allowedAttributes'>,
  view: TenantView,
): boolean =>
  profile.name === 'interop-strict' &&
  deletePolicy === 'hard' &&
  allowedAttributes === 'all' &&
  schemasOfView(view).every(typesAreNamed);

const ofTheCore = new Set(
  schemasOfView(coreView).flatMap(({ definitions }) => definitions.map(({ id }) => id.toLowerCase())),
);

const typesAreNamed = ({ parts }: ResourceSchema): boolean =>
  parts
    .filter(([urn]) => !ofTheCore.has(urn))
    .every(([, { attributes }]) => [...attributes.values()].every(typeIsNamed));

const typeIsNamed = ({ multiValued, subAttributes }: Attribute): boolean => {
  const type = subAttributes.get('type');
  return !multiValued || type === undefined || (type.canonicalValues?.length ?? 0) > 0;
};
