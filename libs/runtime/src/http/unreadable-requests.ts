import type { Socket } from 'node:net';
import type { ErrorFormats } from './error-formats.js';

/** What Node's HTTP parser says of a connection whose request it gave up. */
interface ConnectionError extends Error {
  readonly code?: string;
  /** A Buffer, whatever Fastify's types say. */
  readonly rawPacket?: unknown;
}

/** The request never became one: its head is too large, malformed, or did not come in time. */
class UnreadableRequest extends Error {
  override readonly name = 'UnreadableRequest';

  constructor(
    readonly statusCode: 400 | 408 | 431,
    message: string,
  ) {
    super(message);
  }
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/**
 * Answers what the HTTP parser refuses, which no route ever sees, in the format of the API that was asked: clients expect JSON of any error
 * (C-O12). For Fastify's `clientErrorHandler`.
 */
export const answerUnreadable =
  (formats: () => ErrorFormats) =>
  (error: ConnectionError, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
      socket.destroy();
      return;
    }
    const { status, contentType, body } = formats().answer(pathOf(error), unreadable(error));
    const json = JSON.stringify(body);
    const head = [
      `HTTP/1.1 ${status} ${REASONS[status] ?? ''}`,
      `content-type: ${contentType}`,
      `content-length: ${Buffer.byteLength(json)}`,
      'connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${json}`, () => socket.destroy());
  };

const unreadable = ({ code }: ConnectionError): UnreadableRequest => {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new UnreadableRequest(431, 'The request line and headers are larger than this server reads.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new UnreadableRequest(408, 'The request did not arrive in time.');
  return new UnreadableRequest(400, 'The request is not valid HTTP.');
};

/** The packet at hand is the last one that came; when it does not begin the request, the path is not known. */
const pathOf = ({ rawPacket }: ConnectionError): string =>
  /^[A-Z]+ (\/[^\s?]*)/.exec(Buffer.isBuffer(rawPacket) ? rawPacket.toString('latin1', 0, 2_048) : '')?.[1] ?? '/';
