import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What a commit loses: its request before the broker has seen it, or the answer after the broker has carried it out. */
export type LostPart = 'request' | 'answer';

const HOST = '127.0.0.1';
const LENGTH_BYTES = 4;
/** "API key" of EndTxn in the Kafka protocol. The publisher ends transactions to commit them only. */
const END_TXN = 26;
/** In a request: length, API key, API version, correlation id. In an answer: length, correlation id. */
const API_KEY_AT = 4;
const REQUEST_ID_AT = 8;
const ANSWER_ID_AT = 4;

/**
 * A TCP proxy before a Kafka broker that knows where requests begin and end, so that connections can be cut in the middle of a commit: the
 * moment at which nobody but the broker knows what happened.
 */
export class BrokerLink {
  private readonly sockets = new Set<Socket>();
  private losing: LostPart | undefined;
  /** How many commits were broken so far. */
  broken = 0;

  private constructor(
    private readonly server: Server,
    private readonly brokerPort: number,
  ) {}

  /** Listens on a free port for a broker that advertises itself as 127.0.0.1 and this port, running or not. */
  static async start(brokerPort: number): Promise<BrokerLink> {
    const server = createServer();
    const link = new BrokerLink(server, brokerPort);
    server.on('connection', (client) => link.carry(client));
    server.listen(0, HOST);
    await once(server, 'listening');
    return link;
  }

  get address(): string {
    return `${HOST}:${this.port}`;
  }

  /** From now on every commit that comes by loses this part of itself, and its connection; undefined: none does. */
  breakCommits(lost: LostPart | undefined): void {
    this.losing = lost;
  }

  /** Cuts every connection, in the middle of whatever it carries. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.server.close();
    this.cut();
    await once(this.server, 'close');
  }

  private get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  private carry(client: Socket): void {
    const broker = connect(this.brokerPort, HOST);
    const [requests, answers] = [new Frames(), new Frames()];
    let doomed: number | undefined;
    const cut = () => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      this.sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        this.sockets.delete(socket);
        cut();
      });
    }
    client.on('data', (chunk) => {
      for (const request of requests.add(chunk)) {
        const lost = this.lostOf(request);
        if (lost === 'request') return cut();
        if (lost === 'answer') doomed = request.readInt32BE(REQUEST_ID_AT);
        broker.write(request);
      }
    });
    broker.on('data', (chunk) => {
      for (const answer of answers.add(chunk)) {
        if (answer.readInt32BE(ANSWER_ID_AT) === doomed) return cut();
        client.write(this.pointingHere(answer));
      }
    });
  }

  private lostOf(request: Buffer): LostPart | undefined {
    if (this.losing === undefined || request.readInt16BE(API_KEY_AT) !== END_TXN) return undefined;
    this.broken += 1;
    return this.losing;
  }

  /** Answers that name the broker (metadata, coordinators) have its host and port side by side: clients must come back through here. */
  private pointingHere(answer: Buffer): Buffer {
    const broker = hostAndPort(this.brokerPort);
    const here = hostAndPort(this.port);
    for (let at = answer.indexOf(broker); at >= 0; at = answer.indexOf(broker, at + here.length)) here.copy(answer, at);
    return answer;
  }
}

const hostAndPort = (port: number): Buffer => {
  const bytes = Buffer.alloc(HOST.length + 4);
  bytes.write(HOST, 'latin1');
  bytes.writeInt32BE(port, HOST.length);
  return bytes;
};

/** Cuts a stream of bytes into Kafka's frames: a length in four bytes, then so many bytes. */
class Frames {
  private kept = Buffer.alloc(0);

  /** Takes what came; returns the frames complete by now, with their lengths. */
  add(chunk: Buffer): readonly Buffer[] {
    this.kept = Buffer.concat([this.kept, chunk]);
    const complete: Buffer[] = [];
    for (;;) {
      if (this.kept.length < LENGTH_BYTES) return complete;
      const size = LENGTH_BYTES + this.kept.readInt32BE(0);
      if (this.kept.length < size) return complete;
      complete.push(this.kept.subarray(0, size));
      this.kept = this.kept.subarray(size);
    }
  }
}
