import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';

/** Somebody who signs assertions and publishes the keys: an identity provider's issuer, or a client. */
export class KeyPublisher {
  /** How often its documents were asked for. */
  asked = 0;
  private readonly keys = new Map<string, Awaited<ReturnType<typeof generateKeyPair>>>();
  private outage = false;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** Listens on a free port of this machine, with one key `k1`. */
  static async start(): Promise<KeyPublisher> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const publisher = new KeyPublisher(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => {
      publisher.asked += 1;
      if (publisher.outage) return response.writeHead(503).end();
      const document = request.url === '/keys' ? publisher.jwks() : publisher.metadata();
      return void document.then((body) =>
        response.setHeader('content-type', 'application/json').end(JSON.stringify(body)),
      );
    });
    await publisher.roll('k1');
    return publisher;
  }

  get jwksUri(): string {
    return `${this.url}/keys`;
  }

  /** Publishes a new key in place of the others. */
  async roll(kid: string): Promise<void> {
    this.keys.clear();
    this.keys.set(kid, await generateKeyPair('RS256', { extractable: true }));
  }

  /** Answers 503 from now on, or no longer. */
  fail(outage: boolean): void {
    this.outage = outage;
  }

  async jwks() {
    const keys = [...this.keys].map(async ([kid, { publicKey }]) => ({
      ...(await exportJWK(publicKey)),
      kid,
      use: 'sig',
    }));
    return { keys: await Promise.all(keys) };
  }

  /** A JWT of its newest key. `expiresIn` as jose takes it. */
  sign(
    claims: JWTPayload,
    { expiresIn = '5 minutes', kid }: { expiresIn?: string; kid?: string } = {},
  ): Promise<string> {
    const [[known, pair] = []] = [...this.keys];
    if (known === undefined || pair === undefined) throw new Error('There is no key.');
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: kid ?? known })
      .setIssuedAt()
      .setExpirationTime(expiresIn)
      .sign(pair.privateKey);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async metadata() {
    return { issuer: this.url, jwks_uri: this.jwksUri };
  }
}
