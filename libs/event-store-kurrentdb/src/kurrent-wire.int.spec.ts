import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AppendTooLarge } from '#event-sourcing';
import { eventLogContract, eventOf, InMemoryKurrentServer, listenOnWire, write } from '#testing';
import { connectKurrentServer } from './index.js';
import { kurrentLogOn } from './kurrent-log.fixture.js';
import { closeAll, processOn, until } from './kurrent-process.fixture.js';

jest.setTimeout(60_000); // every call goes over a connection, and some cases make thousands

describe.each(['26.1.0', '25.1.1'])('through the real client, over its protocol %s', (version) => {
  eventLogContract('the event log', async () => {
    const wire = await listenOnWire(new InMemoryKurrentServer({ version }));
    const made = await kurrentLogOn(connectKurrentServer(wire.url));
    return {
      ...made,
      close: async () => {
        await made.close();
        wire.close();
      },
    };
  });
});

describe('the real client', () => {
  const server = new InMemoryKurrentServer({ maxAppendSize: 10_000 });
  let wire: Awaited<ReturnType<typeof listenOnWire>>;
  beforeAll(async () => {
    wire = await listenOnWire(server);
  });
  afterAll(async () => {
    await closeAll();
    wire.close();
  });

  it('tells the version of the server', async () => {
    const connected = connectKurrentServer(wire.url);
    expect(await connected.version()).toBe('26.1.0');
    await connected.client.dispose();
  });

  it("hands on the server's limit", async () => {
    const log = processOn(connectKurrentServer(wire.url));
    const large = { ...eventOf(), data: { text: 'x'.repeat(20_000) } };
    const append = log.append({ streams: [{ tenantId: 't', streamName: 'a', expected: 'any', events: [large] }] });
    await expect(append).rejects.toThrow(new AppendTooLarge(10_000));
  });

  it('is subscribed again after a drop', async () => {
    const log = processOn(connectKurrentServer(wire.url));
    const other = processOn(connectKurrentServer(wire.url));
    await log.heads();
    server.dropSubscriptions();
    await other.append({ streams: [write('dropped', 'a', 'any', 2)] });
    await until(async () => (await log.heads()).get('dropped') === 2);
  });
});
