import { afterEach, describe, expect, it } from '@jest/globals';
import { InMemoryKurrentServer, write } from '#testing';
import { besideTheLog, closeAll, processOn, until } from './kurrent-process.fixture.js';

afterEach(closeAll);

describe('the subscription', () => {
  it('goes on after a drop, and tells of what was written meanwhile', async () => {
    const server = new InMemoryKurrentServer();
    const [log, other] = [processOn(server), processOn(server)];
    const woken: (string | undefined)[] = [];
    await log.subscribe((tenantId) => woken.push(tenantId));
    await other.append({ streams: [write('t', 'a', 'any', 1)] });
    await until(async () => (await log.heads()).get('t') === 1);
    server.isDown = true;
    server.dropSubscriptions();
    server.isDown = false;
    await other.append({ streams: [write('u', 'a', 'any', 2)] });
    await until(async () => (await log.heads()).get('u') === 2);
    expect(server.subscribedFrom.at(-1)).toBeDefined(); // not from the beginning
    await until(() => woken.includes(undefined));
  });

  it('of the next process begins where the last one has saved, and knows every head all the same', async () => {
    const server = new InMemoryKurrentServer();
    const beside = besideTheLog();
    const first = processOn(server, beside);
    await first.append({ streams: [write('t', 'a', 'any', 3)] });
    await first.append({ streams: [write('u', 'a', 'any', 1)] });
    await until(async () => (await first.heads()).size === 2 && beside.checkpoints.heads.size === 2);
    const next = processOn(server, beside);
    expect(await next.heads()).toEqual(
      new Map([
        ['t', 3],
        ['u', 1],
      ]),
    );
    expect(server.subscribedFrom).toEqual([undefined, expect.any(BigInt)]);
  });
});
