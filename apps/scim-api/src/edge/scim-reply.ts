import type { FastifyReply, FastifyRequest } from 'fastify';
import { SCIM_MEDIA_TYPE } from './scim-errors.js';

export interface ScimAnswer {
  readonly status: number;
  /** Undefined for 204 and 304. */
  readonly body?: object;
  readonly etag?: string;
  /** Absolute URL of the resource in the body. */
  readonly location?: string;
}

/** Sends an answer in the media type the client asked for, with ETag, Location (201) and Content-Location. */
export const sendScim = async (request: FastifyRequest, reply: FastifyReply, answer: ScimAnswer): Promise<void> => {
  void reply.status(answer.status);
  if (answer.etag !== undefined) void reply.header('etag', answer.etag);
  if (answer.location !== undefined) {
    if (answer.status === 201) void reply.header('location', answer.location);
    void reply.header('content-location', answer.location);
  }
  if (answer.body === undefined) {
    await reply.send();
    return;
  }
  // Bytes, not text: to text of a JSON type Fastify appends a charset, which RFC 7644 §8.1 does not register.
  await reply.header('content-type', mediaType(request.headers.accept)).send(Buffer.from(JSON.stringify(answer.body)));
};

/** `application/json` only for a client that names it and not `application/scim+json` (R2, OneLogin). */
const mediaType = (accept: string | undefined): string =>
  accept !== undefined && accept.includes('application/json') && !accept.includes(SCIM_MEDIA_TYPE)
    ? 'application/json'
    : SCIM_MEDIA_TYPE;
