import { knownScopes, supportedGrantTypes } from '#tenancy';

/** How clients may authenticate, in the words of RFC 7591 §2. Federated ones come by the third, too (RFC 7523 §2.2). */
export const AUTHENTICATION_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;
/** What may sign their assertions. */
export const ASSERTION_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;

/** Where the authorization server is, seen from outside (DESIGN §3). */
export class OAuthEndpoints {
  readonly token: string;
  readonly authorization: string;
  readonly jwks: string;
  readonly introspection: string;
  readonly revocation: string;

  constructor(readonly issuer: string) {
    this.token = `${issuer}/oauth2/token`;
    this.authorization = `${issuer}/oauth2/authorize`;
    this.jwks = `${issuer}/oauth2/jwks`;
    this.introspection = `${issuer}/oauth2/introspect`;
    this.revocation = `${issuer}/oauth2/revoke`;
  }

  /** Authorization server metadata (RFC 8414 §2): only what works. */
  metadata() {
    return {
      issuer: this.issuer,
      authorization_endpoint: this.authorization,
      token_endpoint: this.token,
      jwks_uri: this.jwks,
      scopes_supported: knownScopes,
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      grant_types_supported: supportedGrantTypes,
      ...authenticationAt('token_endpoint'),
      introspection_endpoint: this.introspection,
      ...authenticationAt('introspection_endpoint'),
      revocation_endpoint: this.revocation,
      ...authenticationAt('revocation_endpoint'),
    };
  }
}

const authenticationAt = (endpoint: string) => ({
  [`${endpoint}_auth_methods_supported`]: AUTHENTICATION_METHODS,
  [`${endpoint}_auth_signing_alg_values_supported`]: ASSERTION_ALGORITHMS,
});
