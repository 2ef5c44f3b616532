const BEARER = /^bearer +(\S+) *$/i;
const LONGEST_CREDENTIAL = 8192;

/**
 * The credential of an Authorization header; undefined when it has none. Takes the bare token, too: that is what Okta sends when its header
 * token is set up without the word Bearer (C-O1).
 */
export const bearerOf = (header: string | undefined): string | undefined => {
  if (header === undefined || header.length > LONGEST_CREDENTIAL) return undefined;
  const credential = BEARER.exec(header)?.[1] ?? header.trim();
  return credential === '' || /\s/.test(credential) ? undefined : credential;
};
