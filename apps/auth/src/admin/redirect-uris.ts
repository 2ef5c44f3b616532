import { TenancyError, oktaRedirectUris } from '#tenancy';

/** As much of Okta's app name as can stand in a path. */
const APP_NAME = /^[\w.~-]{1,100}$/;

/** The redirect URIs a registration asks for: those it lists, and those of Okta for an app of that name (C-O2). */
export const redirectUrisOf = ({
  redirectUris,
  oktaAppName,
}: {
  readonly redirectUris: readonly string[];
  readonly oktaAppName?: string | undefined;
}): readonly string[] => {
  if (oktaAppName === undefined) return redirectUris;
  if (!APP_NAME.test(oktaAppName))
    throw new TenancyError(
      'redirect-uri-invalid',
      'oktaAppName is the name in the address of the app in Okta, such as acme_app_1.',
    );
  return [...redirectUris, ...oktaRedirectUris(oktaAppName)];
};
