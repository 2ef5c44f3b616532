import { IncomingMessage } from 'node:http';
import { decodeJwt } from 'jose';

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** What oidc-provider reads of a form. */
const LARGEST_FORM = 56 * 1024;

/**
 * The request as oidc-provider takes it. It refuses an assertion whose issuer is not the client before anything of ours is asked, so such a one is
 * handed to it as what it is to us: the client's secret, which the client's own comparison then verifies. All else passes through as it came.
 */
export const withPresentedAssertion = async (request: IncomingMessage): Promise<IncomingMessage> => {
  if (
    request.method !== 'POST' ||
    !/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')
  )
    return request;
  const body = await read(request);
  const form = new URLSearchParams(body.toString('utf8'));
  return again(request, isFederated(form) ? asSecret(form) : body);
};

const isFederated = (form: URLSearchParams): boolean => {
  const [assertion, ...others] = form.getAll('client_assertion');
  if (assertion === undefined || others.length > 0 || form.has('client_secret')) return false;
  return (
    form.get('client_assertion_type') === JWT_BEARER &&
    form.has('client_id') &&
    issuerOf(assertion) !== form.get('client_id')
  );
};

const issuerOf = (assertion: string): string | undefined => {
  try {
    return decodeJwt(assertion).iss;
  } catch {
    return undefined;
  }
};

const asSecret = (form: URLSearchParams): Buffer => {
  form.set('client_secret', form.get('client_assertion') ?? '');
  form.delete('client_assertion');
  form.delete('client_assertion_type');
  return Buffer.from(form.toString());
};

/** One byte more than oidc-provider takes is enough for it to refuse. */
const read = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (size <= LARGEST_FORM) chunks.push(chunk);
    size += chunk.length;
  }
  return Buffer.concat(chunks);
};

/** The same request with this body, not yet read. */
const again = (request: IncomingMessage, body: Buffer): IncomingMessage => {
  const { method, url, headers, httpVersion } = request;
  const copy = new IncomingMessage(request.socket);
  const { 'transfer-encoding': _, ...others } = headers;
  Object.assign(copy, { method, url, httpVersion, headers: { ...others, 'content-length': `${body.length}` } });
  copy.complete = true; // else its end is taken for a hang-up, and the socket destroyed
  copy.push(body);
  copy.push(null);
  return copy;
};
