import type { Profile } from './profile.js';

/** The SCIM 2.0 Interoperability Profile (draft-zollner-scim-interop-profile-01): refuses whatever that profile forbids (X13 to X17). */
export const interopStrict: Profile = { name: 'interop-strict', tolerates: {}, unknownPathIs: 'invalidSyntax' };
