import { profiles, strictnessOf, type Profile, type ProfileName, type Strictness } from '#scim';
import type { TenantSettings } from '#tenancy';

/** Whose requests are read: a credential of a tenant. */
export interface Connection {
  readonly credentialId: string;
  readonly settings: Pick<TenantSettings, 'profile' | 'connectionProfiles'>;
}

const strictness = Object.fromEntries(
  Object.entries(profiles).map(([name, profile]) => [name, strictnessOf(profile)]),
) as Readonly<Record<ProfileName, Strictness>>;

/** The profile of the credential, else that of the tenant (F29). */
export const profileOf = ({ credentialId, settings }: Connection): Profile => {
  const { profile, connectionProfiles } = settings;
  const own = Object.hasOwn(connectionProfiles, credentialId) ? connectionProfiles[credentialId] : undefined;
  return profiles[own ?? profile];
};

/** How the requests of a connection are read. */
export const strictnessFor = (connection: Connection): Strictness => strictness[profileOf(connection).name];
