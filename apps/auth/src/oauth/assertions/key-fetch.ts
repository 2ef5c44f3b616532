import * as http from 'node:http';
import * as https from 'node:https';
import { isIP } from 'node:net';
import { InternalAddress, isInternal, lookupPublic } from './public-addresses.js';

const TIMEOUT_MS = 5000;
/** A key set of Entra's has 20 KiB. */
const LARGEST_BODY = 256 * 1024;

/** Gets a document; what `fetch` is, for GET. */
export type KeyFetch = (url: string) => Promise<Response>;

export interface KeyFetchOptions {
  /** For development: http, and hosts in our own network. */
  readonly allowInternal: boolean;
}

/**
 * Fetches public keys from where a client's registration says: over https from public addresses, without following redirects, in limited time and
 * size. Errors: InternalAddress, the network's, and those that name the limit.
 */
export const keyFetch =
  ({ allowInternal }: KeyFetchOptions): KeyFetch =>
  async (url) => {
    const target = new URL(url);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    if (allowInternal) return get(target, { signal });
    if (target.protocol !== 'https:') throw new Error('Keys are fetched over https only.');
    const host = target.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && isInternal(host)) throw new InternalAddress(); // an address in the URL is not looked up
    return get(target, { signal, lookup: lookupPublic });
  };

const get = (url: URL, options: http.RequestOptions): Promise<Response> =>
  new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http;
    const headers = { accept: 'application/json' };
    const sent = request(url, { ...options, headers }, (answer) => {
      limited(answer).then((body) => resolve(new Response(body, { status: answer.statusCode ?? 502 })), reject);
    });
    sent.on('error', reject).end();
  });

const limited = async (answer: http.IncomingMessage): Promise<Buffer<ArrayBuffer>> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Error(`Keys are read up to ${LARGEST_BODY} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};
