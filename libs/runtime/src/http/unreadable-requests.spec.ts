import { PassThrough } from 'node:stream';
import type { Socket } from 'node:net';
import { expect, it } from '@jest/globals';
import { ErrorFormats, frameworkStatus } from './error-formats.js';
import { answerUnreadable } from './unreadable-requests.js';

const formats = new ErrorFormats();
formats.register(/^\/t\//, (error) => ({
  status: frameworkStatus(error) ?? 500,
  contentType: 'application/scim+json',
  body: { status: String(frameworkStatus(error)) },
}));

const answerTo = async (code: string, packet?: string): Promise<string> => {
  const socket = new PassThrough();
  const error = Object.assign(new Error(code), {
    code,
    ...(packet === undefined ? {} : { rawPacket: Buffer.from(packet) }),
  });
  answerUnreadable(() => formats)(error, socket as unknown as Socket);
  return String((await socket.toArray().catch(() => [])).join(''));
};

it.each([
  ['C-O12 a URL that is too long', 'HPE_HEADER_OVERFLOW', 'GET /t/acme/scim/v2/Users?filter=xxx', 431],
  ['C-O12 a request that is no HTTP', 'HPE_INVALID_TOKEN', 'POST /t/acme/scim/v2/Users HTTP/9', 400],
  ['C-O12 a request that never ends', 'ERR_HTTP_REQUEST_TIMEOUT', 'POST /t/acme/scim/v2/Users HTTP/1.1\r\n', 408],
])('%s is answered in the format of its API, and the connection closed', async (_name, code, packet, status) => {
  const answer = await answerTo(code, packet);
  const body = `{"status":"${status}"}`;
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} \\w`));
  expect(answer).toContain(
    `content-type: application/scim+json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
});

it('what cannot be told apart is answered in the plain format', async () => {
  expect(await answerTo('HPE_INVALID_METHOD', '\u0000\u0001')).toContain('{"error":{"code":"bad-request"');
  expect(await answerTo('HPE_INVALID_METHOD')).toContain('content-type: application/json');
});

it('a connection that is gone is let go', async () => {
  expect(await answerTo('ECONNRESET', 'GET /t/acme/scim/v2/Users')).toBe('');
});
