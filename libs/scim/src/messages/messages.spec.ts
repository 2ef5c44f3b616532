import { describe, expect, it } from '@jest/globals';
import { serviceProviderConfigSchemaDefinition } from '../schemas/discovery-schemas.js';
import { listResponse } from './list-response.js';
import { invalidFilter, ScimError, toErrorBody } from './scim-error.js';
import { serviceProviderConfig } from './service-provider-config.js';
import { urns } from './urns.js';

describe('RFC 7644 §3.12: errors', () => {
  it('R113 R114 are schemas, status as a string, scimType and detail, nothing else', () => {
    expect(toErrorBody(invalidFilter('Bad.'))).toEqual({
      schemas: [urns.error],
      status: '400',
      scimType: 'invalidFilter',
      detail: 'Bad.',
    });
    expect(Object.keys(toErrorBody(new ScimError(404, undefined, 'No such user.')))).toEqual([
      'schemas',
      'status',
      'detail',
    ]);
  });

  it('never repeat a whole megabyte that a client sent', () => {
    const { detail, message } = invalidFilter(`There is no attribute "${'x'.repeat(1_000_000)}".`);
    expect([detail.length, message]).toEqual([1_001, detail]);
  });

  it('are errors of their own kind', () => {
    expect(invalidFilter('Bad.')).toBeInstanceOf(Error);
    expect(invalidFilter('Bad.').message).toBe('Bad.');
  });
});

describe('RFC 7644 §3.4.2: lists', () => {
  it('R51 R52 have integers and Resources, also when nothing is found', () =>
    expect(listResponse({ resources: [], totalResults: 0, startIndex: 1 })).toEqual({
      schemas: [urns.listResponse],
      totalResults: 0,
      startIndex: 1,
      itemsPerPage: 0,
      Resources: [],
    }));

  it('X2 have a cursor only while there is a next page', () => {
    expect(listResponse({ resources: ['a'], totalResults: 2, nextCursor: 'c' })).toMatchObject({
      nextCursor: 'c',
      itemsPerPage: 1,
    });
    expect(listResponse({ resources: ['b'], totalResults: 2 })).not.toHaveProperty('nextCursor');
  });
});

describe('RFC 7643 §5: ServiceProviderConfig', () => {
  const config = serviceProviderConfig({
    baseUrl: 'https://x.example/scim/v2',
    filter: { maxResults: 1000 },
    sort: true,
    etag: true,
    pagination: { cursor: true, index: true, defaultPaginationMethod: 'index' },
    securityEvents: { asyncRequest: 'request', eventUris: [] },
    authenticationSchemes: [{ type: 'oauth2', name: 'OAuth 2', description: 'Client credentials', primary: true }],
  });

  it('R119 tells what is supported; bulk without its limits is not', () =>
    expect(config).toMatchObject({
      schemas: [urns.serviceProviderConfig],
      patch: { supported: true },
      bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
      filter: { supported: true, maxResults: 1000 },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: true },
      meta: { resourceType: 'ServiceProviderConfig', location: 'https://x.example/scim/v2/ServiceProviderConfig' },
    }));

  it('X5 X10 has the members of RFC 9865 and RFC 9967 as they are given', () =>
    expect(config).toMatchObject({
      pagination: { cursor: true, index: true, defaultPaginationMethod: 'index' },
      securityEvents: { asyncRequest: 'request', eventUris: [] },
    }));

  it('R119 has no member that its schema does not know', () => {
    const known = ['schemas', 'meta', ...serviceProviderConfigSchemaDefinition.attributes.map(({ name }) => name)];
    expect(known).toEqual(expect.arrayContaining(Object.keys(config)));
  });
});
