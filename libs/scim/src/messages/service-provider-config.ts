import { urns } from './urns.js';

export interface AuthenticationScheme {
  readonly type: 'oauth' | 'oauth2' | 'oauthbearertoken' | 'httpbasic' | 'httpdigest';
  readonly name: string;
  readonly description: string;
  readonly specUri?: string;
  readonly documentationUri?: string;
  readonly primary?: boolean;
}

export interface ServiceProviderParameters {
  /** Absolute, without a slash at its end. */
  readonly baseUrl: string;
  readonly documentationUri?: string;
  readonly patch?: boolean;
  /** Undefined: bulk is not supported. */
  readonly bulk?: { readonly maxOperations: number; readonly maxPayloadSize: number };
  readonly filter: { readonly maxResults: number };
  readonly sort: boolean;
  readonly etag: boolean;
  /** RFC 9865 §4. */
  readonly pagination?: {
    readonly cursor: boolean;
    readonly index: boolean;
    readonly defaultPaginationMethod?: 'cursor' | 'index';
    readonly defaultPageSize?: number;
    readonly maxPageSize?: number;
    readonly cursorTimeout?: number;
  };
  /** RFC 9967 §4; undefined: no asynchronous requests and no security events. */
  readonly securityEvents?: {
    readonly asyncRequest: 'none' | 'long' | 'request';
    /** Events that a stream of Security Event Tokens delivers. */
    readonly eventUris: readonly string[];
  };
  readonly authenticationSchemes: readonly AuthenticationScheme[];
}

/** ServiceProviderConfig (RFC 7643 §5, RFC 9865 §4, RFC 9967 §4), with members of published RFCs alone. Passwords are never changed here. */
export const serviceProviderConfig = (parameters: ServiceProviderParameters) => {
  const {
    baseUrl,
    documentationUri,
    patch = true,
    bulk,
    filter,
    sort,
    etag,
    pagination,
    securityEvents,
    authenticationSchemes,
  } = parameters;
  return {
    schemas: [urns.serviceProviderConfig],
    ...(documentationUri === undefined ? {} : { documentationUri }),
    patch: { supported: patch },
    bulk: bulk === undefined ? { supported: false, maxOperations: 0, maxPayloadSize: 0 } : { supported: true, ...bulk },
    filter: { supported: true, maxResults: filter.maxResults },
    changePassword: { supported: false },
    sort: { supported: sort },
    etag: { supported: etag },
    ...(pagination === undefined ? {} : { pagination }),
    ...(securityEvents === undefined ? {} : { securityEvents }),
    authenticationSchemes,
    meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}/ServiceProviderConfig` },
  };
};
