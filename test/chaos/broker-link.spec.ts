import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { BrokerLink } from './broker-link.js';

const COMMIT = 26;
const METADATA = 3;

const frame = (body: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
};
const request = (apiKey: number, id: number): Buffer => {
  const head = Buffer.alloc(8);
  head.writeInt16BE(apiKey);
  head.writeInt32BE(id, 4);
  return frame(head);
};
const answer = (id: number, address: Buffer): Buffer => {
  const head = Buffer.alloc(4);
  head.writeInt32BE(id);
  return frame(Buffer.concat([head, address]));
};
const address = (port: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(port);
  return Buffer.concat([Buffer.from('127.0.0.1'), bytes]);
};

let broker: Server;
let link: BrokerLink;
let client: Socket;
/** Ids of the requests that reached the broker, and all bytes that reached the client. */
let seen: number[];
let received: Buffer;

const portOf = (server: Server): number => (server.address() as { port: number }).port;

beforeEach(async () => {
  seen = [];
  received = Buffer.alloc(0);
  broker = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      for (let at = 0; at < bytes.length; at += 12) {
        seen.push(bytes.readInt32BE(at + 8));
        socket.write(answer(bytes.readInt32BE(at + 8), address(portOf(broker))));
      }
    });
  }).listen(0, '127.0.0.1');
  await once(broker, 'listening');
  link = await BrokerLink.start(portOf(broker));
  client = connect(Number(link.address.split(':')[1]), '127.0.0.1');
  client.on('data', (bytes) => {
    received = Buffer.concat([received, bytes]);
  });
});

afterEach(async () => {
  client.destroy();
  await link.stop();
  broker.close();
});

const until = async (isDone: () => boolean): Promise<void> => {
  while (!isDone()) await new Promise((again) => setTimeout(again, 1));
};
const port = () => Number(link.address.split(':')[1]);

it('carries requests and answers, cut where it may be, and names itself where the broker names itself', async () => {
  const bytes = Buffer.concat([request(METADATA, 7), request(COMMIT, 8)]);
  client.write(bytes.subarray(0, 5));
  await new Promise((go) => setImmediate(go));
  client.write(bytes.subarray(5));
  const expected = Buffer.concat([answer(7, address(port())), answer(8, address(port()))]);
  await until(() => received.length === expected.length);
  expect(received).toEqual(expected);
});

it('loses the request of a commit before the broker sees it', async () => {
  link.breakCommits('request');
  client.write(Buffer.concat([request(METADATA, 1), request(COMMIT, 2)]));
  await once(client, 'close');
  expect(seen).not.toContain(2);
});

it('loses the answer to a commit that the broker has carried out', async () => {
  link.breakCommits('answer');
  client.write(Buffer.concat([request(METADATA, 1), request(COMMIT, 2)]));
  await once(client, 'close');
  expect(seen).toEqual([1, 2]);
  expect(received).toEqual(answer(1, address(port())));
});
