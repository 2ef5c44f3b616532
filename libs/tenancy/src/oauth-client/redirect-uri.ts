import { TenancyError } from '../refusal.js';

const MOST_REDIRECT_URIS = 20;
const HTTPS = /^https:\/\/[^\s#@/?]+(?:[/?][^\s#]*)?$/i;
const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?::\d+)?(?:[/?][^\s#]*)?$/i;

/**
 * Returns the URIs as given: they are compared exactly (RFC 9700 §2.1). Throws `redirect-uri-invalid` for one that is neither https nor
 * http on a loopback address, or that has a fragment (RFC 6749 §3.1.2).
 */
export const checkedRedirectUris = (uris: readonly string[]): readonly string[] => {
  if (uris.length > MOST_REDIRECT_URIS)
    throw new TenancyError('redirect-uri-invalid', `A client has at most ${MOST_REDIRECT_URIS} redirect URIs.`);
  for (const uri of uris)
    if (!HTTPS.test(uri) && !LOOPBACK.test(uri))
      throw new TenancyError(
        'redirect-uri-invalid',
        'A redirect URI is an absolute https URI without fragment (http only on a loopback address).',
      );
  return uris;
};
