import { expect, it } from '@jest/globals';
import { KurrentDBClient, StreamNotFoundError, type KurrentDBClient as Client } from '@kurrent/kurrentdb-client';
import { connectKurrentServer, errorType, type KurrentClient } from './kurrent-client.js';

it('the published client has every call that is used, with these types', () => {
  const asPort = (client: Client): KurrentClient => client;
  expect(asPort).toBeDefined();
  for (const call of ['multiStreamAppend', 'appendRecords', 'readStream', 'subscribeToAll'])
    expect(KurrentDBClient.prototype).toHaveProperty(call);
  expect(Object.getOwnPropertyNames(KurrentDBClient.prototype)).toContain('capabilities'); // protected, and asked all the same
});

it('errors of the client are told apart by their type', () => {
  expect(errorType(new StreamNotFoundError(undefined, 'a'))).toBe('stream-not-found');
  expect(errorType(new Error('other'))).toBe('');
});

it('a server that cannot be reached is an error of the call, not of the start', async () => {
  const server = connectKurrentServer('kurrentdb://127.0.0.1:1?tls=false&maxDiscoverAttempts=1');
  await expect(server.version()).rejects.toThrow();
  await server.client.dispose();
});
