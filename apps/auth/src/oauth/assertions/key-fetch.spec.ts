import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keyFetch } from './key-fetch.js';
import { InternalAddress } from './public-addresses.js';

let server: Server;
let url: string;
let asked = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked += 1;
    if (request.url === '/moved') response.writeHead(302, { location: '/keys' }).end();
    else if (request.url === '/endless') response.end('x'.repeat(300_000));
    else response.end('{"keys":[]}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

describe('X18 keys of others are fetched', () => {
  const guarded = keyFetch({ allowInternal: false });

  it('over https only', async () => expect(guarded('http://idp.example/keys')).rejects.toThrow('https only'));

  it.each([
    '127.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '169.254.169.254',
    '10.0.0.1',
    '0.0.0.0',
    '2130706433',
    '0x7f.1',
  ])('not from %s, an address of our own network', async (host) =>
    expect(guarded(`https://${host}:8443/keys`)).rejects.toBeInstanceOf(InternalAddress),
  );

  it('not from a name that leads there', async () =>
    expect(guarded(`https://localhost:8443/keys`)).rejects.toBeInstanceOf(InternalAddress));
});

describe('in development', () => {
  const open = keyFetch({ allowInternal: true });

  it('also from this machine', async () => expect(await (await open(`${url}/keys`)).json()).toEqual({ keys: [] }));

  it('without following redirects', async () => {
    const before = asked;
    expect((await open(`${url}/moved`)).status).toBe(302);
    expect(asked).toBe(before + 1);
  });

  it('up to a limit', async () => expect(open(`${url}/endless`)).rejects.toThrow('up to'));
});
