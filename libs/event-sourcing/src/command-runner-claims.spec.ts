import { beforeEach, describe, expect, it } from '@jest/globals';
import { clubCommands, codes, InMemorySealer, processOn, someMetadata, type ClubCommand } from '#testing';
import { ConcurrencyConflict } from './event-log.js';
import { InMemoryEventLog } from './in-memory-event-log.js';
import { streamName } from './stream-name.js';

let log: InMemoryEventLog;
let sealer: InMemorySealer;
let here: ReturnType<typeof processOn>;
let there: ReturnType<typeof processOn>;

const { found, rename, dissolve } = clubCommands;

const claimOf = async (name: string) => {
  const stream = streamName('claim', 'acme', `name-${await sealer.claimHash('acme', 'name', name.toLowerCase())}`);
  return (await log.readStream('acme', stream)).map(({ type, data }) => `${type} ${String(data['resourceId'])}`);
};

beforeEach(() => {
  log = new InMemoryEventLog();
  sealer = new InMemorySealer();
  [here, there] = [processOn(log, sealer), processOn(log, sealer)];
});

describe('claims', () => {
  it('50 concurrent creates of one value, over two processes: one wins, 49 are told that it is taken', async () => {
    const racing = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? here : there).run(`c${i}`, found('Chess')));
    const outcomes = codes(await Promise.allSettled(racing));
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'claim-taken')).toHaveLength(49);
    expect(await claimOf('Chess')).toEqual([`ClaimTaken c${outcomes.indexOf('done')}`]);
    expect(await log.head('acme')).toBe(2); // who lost wrote nothing
  });

  it('one value in two tenants is no conflict', async () => {
    await here.run('c1', found('Chess'));
    expect((await here.run('c1', found('Chess'), { tenantId: 'globex' })).revision).toBe(0);
  });

  it('a rename releases the old value and takes the new one', async () => {
    await here.run('c1', found('Chess'));
    await here.run('c1', rename('Go'));
    expect([await claimOf('Chess'), await claimOf('Go')]).toEqual([
      ['ClaimTaken c1', 'ClaimReleased c1'],
      ['ClaimTaken c1'],
    ]);
    await there.run('c2', found('Chess'));
    await expect(there.run('c3', found('Go'))).rejects.toMatchObject({ code: 'claim-taken', kind: 'name' });
  });

  it('a change that leaves the claimed form as it is touches no claim', async () => {
    await here.run('c1', found('Chess'));
    await here.run('c1', rename('CHESS'));
    expect(await claimOf('Chess')).toEqual(['ClaimTaken c1']);
  });

  it('a refused rename changes nothing: the old value stays held', async () => {
    await here.run('c1', found('Chess'));
    await here.run('c2', found('Go'));
    await expect(here.run('c1', rename('Go'))).rejects.toMatchObject({ code: 'claim-taken' });
    expect(await claimOf('Chess')).toEqual(['ClaimTaken c1']);
    expect((await here.run('c1', rename('Chess'))).revision).toBe(0);
  });

  it('a released value is free again, any number of times, also for who released it', async () => {
    for (const id of ['c1', 'c2', 'c3']) {
      await here.run(id, found('Chess'));
      await there.run(id, dissolve);
    }
    await here.run('c4', found('Chess'));
    await here.run('c4', rename('Go'));
    await here.run('c4', rename('Chess'));
    expect((await claimOf('Chess')).at(-1)).toBe('ClaimTaken c4');
    expect(await claimOf('Chess')).toHaveLength(9);
  });

  it('two that swap values through a third one succeed', async () => {
    await Promise.all([here.run('c1', found('A')), here.run('c2', found('B'))]);
    await here.run('c1', rename('C'));
    await there.run('c2', rename('A'));
    await here.run('c1', rename('B'));
    expect([(await claimOf('A')).at(-1), (await claimOf('B')).at(-1), (await claimOf('C')).at(-1)]).toEqual([
      'ClaimTaken c2',
      'ClaimTaken c1',
      'ClaimReleased c1',
    ]);
  });

  it('an error of a taken value does not name it', async () => {
    await here.run('c1', found('Secret Society'));
    const error: unknown = await here.run('c2', found('Secret Society')).catch((thrown: unknown) => thrown);
    expect(String(error)).toBe('ClaimTaken: Another resource of this tenant holds this name.');
  });

  it('the same change made by another process at the same time is decided again, not taken for a stranger’s', async () => {
    await here.run('c1', found('Chess'));
    await there.run('c1', rename('Chess'));
    const both = await Promise.all([here.run('c1', rename('Go')), there.run('c1', rename('Go'))]);
    expect(both.map(({ revision, events }) => [revision, events.length]).sort()).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  it('the same, where the log tells of the conflict over the claim alone', async () => {
    await here.run('c1', found('Chess'));
    await there.run('c1', rename('Go'));
    const append = log.append.bind(log);
    log.append = (request) =>
      append(request).catch((error: unknown) => {
        const conflicts = error instanceof ConcurrencyConflict ? error.conflicts : [];
        const overClaims = conflicts.filter((conflict) => conflict.streamName.startsWith('claim-'));
        throw overClaims.length > 0 ? new ConcurrencyConflict(overClaims) : error;
      });
    expect(await here.run('c1', rename('Go'))).toMatchObject({ revision: 1, events: [] });
  });

  it('a stale state is decided again before a taken value refuses anything', async () => {
    await here.run('c1', found('Chess'));
    await there.run('c1', dissolve);
    await there.run('c2', found('Go'));
    await expect(here.run('c1', rename('Go'))).rejects.toMatchObject({ code: 'no-such-club' });
  });
});

describe('claims in a batch', () => {
  beforeEach(async () => {
    await here.run('taken', found('Go'));
    await here.run('c1', found('Chess'));
  });

  const filler = (i: number): ClubCommand => rename(i % 2 === 0 ? 'CHESS' : 'Chess'); // changes the name, not the claim

  it('a command whose value is taken is refused alone', async () => {
    const commands = [filler(0), filler(1), rename('Go'), filler(2), rename('Bridge')];
    expect(codes(await Promise.allSettled(commands.map((command) => here.run('c1', command))))).toEqual([
      'done',
      'done',
      'claim-taken',
      'done',
      'done',
    ]);
    expect([await claimOf('Chess'), await claimOf('Bridge')]).toEqual([
      ['ClaimTaken c1', 'ClaimReleased c1'],
      ['ClaimTaken c1'],
    ]);
  });

  it('a value that is taken cannot be held for a moment between two commands either', async () => {
    const commands = [filler(0), rename('Go'), rename('Chess')];
    const outcomes = codes(await Promise.allSettled(commands.map((command) => here.run('c1', command))));
    expect(outcomes).toEqual(['done', 'claim-taken', 'done']);
    const dissolved = [filler(0), rename('Go'), dissolve].map((command) => here.run('c1', command));
    expect(codes(await Promise.allSettled(dissolved))).toEqual(['done', 'claim-taken', 'done']);
  });

  it('each claim is recorded with the request that moved it', async () => {
    const commands = [filler(0), rename('Bridge'), rename('bridge'), rename('Poker'), rename('poker')];
    await Promise.all(commands.map((command, i) => here.run('c1', command, { metadata: someMetadata(`r${i}`) })));
    const events = await log.readTenant('acme', 4, 100);
    expect(events.filter(({ type }) => type.startsWith('Claim')).map(({ metadata }) => metadata.requestId)).toEqual([
      'r1',
      'r1',
      'r3',
      'r3',
    ]);
  });
});
