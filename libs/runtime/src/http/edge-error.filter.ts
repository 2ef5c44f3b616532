import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { ErrorFormats } from './error-formats.js';

/** Turns every error into the answer of the API it happened in. Faults of ours are logged whole and told to the client without detail. */
@Catch()
export class EdgeErrorFilter implements ExceptionFilter {
  constructor(
    private readonly formats: ErrorFormats,
    private readonly logger: Logger,
  ) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    await this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** For errors that arise before Nest is asked: a URL that cannot be decoded. */
  async answer(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const path = request.url.split('?', 1)[0] ?? '';
    const answer = this.formats.answer(path, error);
    const fields = { err: error, requestId: request.id, status: answer.status };
    if (answer.status === 503) this.logger.warn(fields, 'request put off');
    else if (answer.status >= 500) this.logger.error(fields, 'request failed');
    this.formats.tell(path, request, error, answer.status);
    if (reply.sent) return;
    // Bytes, not text: to text of a JSON type Fastify appends a charset, which SCIM's media type does not have.
    const body = Buffer.from(JSON.stringify(answer.body));
    await reply
      .status(answer.status)
      .headers({ ...answer.headers })
      .header('content-type', answer.contentType)
      .send(body);
  }
}
