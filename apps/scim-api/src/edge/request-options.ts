import type { FastifyRequest } from 'fastify';
import type { RequestOptions } from '../resources/resource-operations.js';
import { projectionParameters, type RawQuery } from './query-parameters.js';

/** Parameters and conditions that stand in the URL and the headers. Throws 400 for a parameter that is given twice. */
export const requestOptionsOf = (request: FastifyRequest): RequestOptions => ({
  ...projectionParameters(request.query as RawQuery),
  ifMatch: request.headers['if-match'],
  ifNoneMatch: request.headers['if-none-match'],
});
