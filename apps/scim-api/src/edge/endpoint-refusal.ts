import type { FastifyReply, FastifyRequest } from 'fastify';
import { ScimError } from '#scim';

/** No credential belongs to a user, so nobody has a `/Me`: 501 and not 404, which clients take for a missing resource (R112). */
const ME = /^\/Me(\/.*)?$/;

/**
 * What is said where no route answers: 405 with Allow, 501, or 404 (R8, C-N8). `types`: the tenant's resource types as they stand in paths.
 */
export const endpointRefusal = (request: FastifyRequest, reply: FastifyReply, types: readonly string[]): ScimError => {
  const path = decodePath(request.url).replace(/^\/t\/[^/]+\/scim\/v2/, '');
  const allow = allowedAt(path, types);
  if (allow !== undefined) {
    void reply.header('allow', allow);
    return new ScimError(405, undefined, `This endpoint allows ${allow}.`);
  }
  if (ME.test(path)) return new ScimError(501, undefined, 'The credential belongs to no user: there is no /Me for it.');
  return new ScimError(404, undefined, 'There is no SCIM endpoint at this path.');
};

/** What may be asked at a path; undefined where there is no endpoint. */
const allowedAt = (path: string, types: readonly string[]): string | undefined => {
  const [, first = '', second, ...more] = path.split('/');
  if (more.length > 0) return undefined;
  if (types.includes(first)) return second === undefined ? 'GET, POST' : ofResource(second);
  if (discovery.includes(first)) return 'GET';
  if (first === '.requests') return second === undefined ? undefined : 'GET';
  if (second !== undefined) return undefined;
  return first === '' ? 'GET' : queries.includes(first) ? 'POST' : undefined;
};

const discovery = ['ServiceProviderConfig', 'ResourceTypes', 'Schemas'];
const queries = ['.search', 'Bulk'];

const ofResource = (id: string): string => (id === '.search' ? 'POST' : 'GET, PUT, PATCH, DELETE');

const decodePath = (url: string): string => (url.split('?', 1)[0] ?? '').replace(/\/+$/, '');
