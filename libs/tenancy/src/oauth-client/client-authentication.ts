import { TenancyError } from '../refusal.js';
import { checkedPublicKeys, type PublicKeySet } from './public-keys.js';

/** What another issuer's assertions must say to stand for a client (C-E17). */
export type Federation = Readonly<{ issuer: string; jwksUri: string; subject: string; audience: string }>;

/**
 * How a client proves who it is: by a secret; by a JWT that it signs itself (RFC 7523 §2.2); or by a JWT that the identity provider's own
 * issuer signs for it.
 */
export type ClientAuthentication = Readonly<
  | { method: 'client_secret_basic' }
  | { method: 'private_key_jwt'; jwks: PublicKeySet }
  | { method: 'private_key_jwt'; jwksUri: string }
  | ({ method: 'federated_jwt' } & Federation)
>;

export const authenticationMethods = ['client_secret_basic', 'private_key_jwt', 'federated_jwt'] as const;

export const bySecret: ClientAuthentication = { method: 'client_secret_basic' };

/** Returns it as it is kept. Throws `authentication-invalid` for keys that are private, weak or too many, and for URLs that are not https. */
export const checkedAuthentication = (authentication: ClientAuthentication): ClientAuthentication => {
  switch (authentication.method) {
    case 'client_secret_basic':
      return bySecret;
    case 'private_key_jwt':
      return 'jwks' in authentication
        ? { method: 'private_key_jwt', jwks: checkedPublicKeys(authentication.jwks) }
        : { method: 'private_key_jwt', jwksUri: checkedUrl('jwksUri', authentication.jwksUri) };
    case 'federated_jwt':
      return {
        method: 'federated_jwt',
        issuer: checkedUrl('federation.issuer', authentication.issuer),
        jwksUri: checkedUrl('federation.jwksUri', authentication.jwksUri),
        subject: checkedText('federation.subject', authentication.subject),
        audience: audienceOf(checkedText('federation.audience', authentication.audience)),
      };
  }
};

/** Entra shows the audience as a scope, `api://{id}/.default`; the assertion's `aud` is without it. */
const audienceOf = (text: string): string => text.replace(/\/\.default$/, '');

const LONGEST_URL = 500;
/** Plain http on a loopback address is for development: it is fetched only where that is switched on. */
const FETCHABLE = /^(?:https:\/\/[^\s#@/?]+|http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?::\d+)?)(?:[/?][^\s#]*)?$/i;

const checkedUrl = (field: string, url: string): string => {
  if (url.length > LONGEST_URL || !FETCHABLE.test(url))
    throw new TenancyError('authentication-invalid', `${field} must be an https URL without user name and fragment.`);
  return url;
};

const LONGEST_TEXT = 300;
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}]/u;

const checkedText = (field: string, text: string): string => {
  if (text === '' || text !== text.trim() || text.length > LONGEST_TEXT || UNPRINTABLE.test(text))
    throw new TenancyError(
      'authentication-invalid',
      `${field} has 1 to ${LONGEST_TEXT} characters, none of them blank at its ends.`,
    );
  return text;
};
