import { beforeEach, describe, expect, it } from '@jest/globals';
import { InMemorySealer, someMetadata, WatchedEventLog } from '#testing';
import type { EventCatalogue } from './event-catalogue.js';
import { EventStore, SubjectErased } from './event-store.js';
import type { Message, Recorded } from './message.js';

const NOTES = 'user-acme+n1';
const catalogue: EventCatalogue = {
  NoteWritten: { schemaVersion: 1, sealed: { text: 'unreadable' } },
  NoteRead: { schemaVersion: 1, sealed: {} },
};

let log: WatchedEventLog;
let sealer: InMemorySealer;
let ids: number;

const storeWith = (definitions: EventCatalogue) =>
  new EventStore(
    log,
    sealer,
    definitions,
    () => `e${(ids += 1)}`,
    () => undefined,
  );

const written = (text: string, colour = 'red'): Message => ({ type: 'NoteWritten', data: { text, colour } });

const append = (events: readonly Message[], expected: number | 'no-stream' = 'no-stream', name = NOTES) =>
  storeWith(catalogue).append({
    streams: [
      {
        tenantId: 'acme',
        streamName: name,
        expected,
        events: events.map((event) => ({ event, metadata: someMetadata() })),
      },
    ],
    time: new Date(0),
  });

const read = async (store = storeWith(catalogue), range = {}): Promise<Recorded[]> => {
  const all: Recorded[] = [];
  for await (const recorded of store.readStream('acme', NOTES, range)) all.push(recorded);
  return all;
};

beforeEach(() => {
  log = new WatchedEventLog();
  sealer = new InMemorySealer();
  ids = 0;
});

describe('appending', () => {
  it('seals the personal fields and no others', async () => {
    await append([written('dear diary')]);
    const [stored] = await log.readStream('acme', NOTES);
    expect(stored?.data).toEqual({ colour: 'red', sealed: expect.any(String) });
    expect(JSON.stringify(log.appends)).not.toContain('dear diary');
  });

  it("stores a new subject's key in the append that first needs it, and only there", async () => {
    await append([written('one'), written('two')]);
    await append([written('three')], 1);
    expect(log.appends.map((request) => request.subjectKeys?.map(({ subjectId }) => subjectId))).toEqual([
      ['n1'],
      undefined,
    ]);
  });

  it('makes no key where nothing is personal', async () => {
    await append([{ type: 'NoteRead', data: {} }]);
    expect(log.appends[0]?.subjectKeys).toBeUndefined();
  });

  describe('what took place in another log', () => {
    const origin = { id: 'there', time: new Date(86_400_000), erased: false };
    const tell = (one: typeof origin) =>
      storeWith(catalogue).append({
        streams: [
          {
            tenantId: 'acme',
            streamName: NOTES,
            expected: 'no-stream',
            events: [{ event: written('dear diary'), metadata: someMetadata(), origin: one }],
          },
        ],
        time: new Date(0),
      });

    it('keeps its id and its time, and is sealed with a key of this log', async () => {
      await tell(origin);
      expect(log.appends[0]?.subjectKeys).toHaveLength(1);
      expect(await read()).toMatchObject([
        { eventId: 'there', time: origin.time, erased: false, event: written('dear diary') },
      ]);
    });

    it('stays erased: nothing personal is written, no key is made, and it reads as erased', async () => {
      await tell({ ...origin, erased: true });
      expect(log.appends[0]?.subjectKeys).toBeUndefined();
      expect(JSON.stringify(log.appends)).not.toContain('dear diary');
      expect(await read()).toMatchObject([{ eventId: 'there', erased: true, event: written('unreadable') }]);
    });
  });

  it('keeps the metadata of every event and gives each an id of its own', async () => {
    await storeWith(catalogue).append({
      streams: [
        {
          tenantId: 'acme',
          streamName: NOTES,
          expected: 'no-stream',
          events: ['a', 'b'].map((request) => ({ event: written(request), metadata: someMetadata(request) })),
        },
      ],
      time: new Date(7),
    });
    const stored = await log.readStream('acme', NOTES);
    expect(stored.map(({ id, metadata, time }) => [id, metadata, time])).toEqual([
      ['e1', someMetadata('a'), new Date(7)],
      ['e2', someMetadata('b'), new Date(7)],
    ]);
  });

  it('refuses an event type outside the catalogue', async () => {
    await expect(append([{ type: 'NoteBurnt', data: {} }])).rejects.toThrow('NoteBurnt is not in the catalogue');
    expect(log.appends).toEqual([]);
  });

  it("refuses a plain field named 'sealed', which would be taken for ciphertext on reading", async () => {
    await expect(append([{ type: 'NoteRead', data: { sealed: 'letter' } }])).rejects.toThrow(RangeError);
  });

  it('seals nothing for an erased subject, yet what is not personal can still be recorded', async () => {
    await append([written('one')]);
    sealer.erase('acme', 'n1');
    await expect(append([written('two')], 0)).rejects.toThrow(SubjectErased);
    await append([{ type: 'NoteRead', data: {} }], 0);
    expect((await read()).map(({ event }) => event.type)).toEqual(['NoteWritten', 'NoteRead']);
  });
});

describe('reading', () => {
  it('returns what was appended', async () => {
    await append([written('one'), { type: 'NoteRead', data: {} }, written('two', 'blue')]);
    expect(await read()).toMatchObject([
      { event: written('one'), revision: 0, sequence: 1, resourceId: 'n1', erased: false },
      { event: { type: 'NoteRead', data: {} }, revision: 1, sequence: 2 },
      { event: written('two', 'blue'), revision: 2, sequence: 3 },
    ]);
    expect((await storeWith(catalogue).readTenant('acme', 1, 1)).map(({ revision }) => revision)).toEqual([1]);
  });

  it('leaves no trace of the sealed form', async () => {
    await append([written('one')]);
    expect((await read())[0]?.event.data).not.toHaveProperty('sealed');
  });

  it.each([
    [1, {}],
    [499, {}],
    [500, {}],
    [501, {}],
    [1203, {}],
    [1203, { from: 3, to: 1101 }],
    [1203, { from: 500, to: 500 }],
    [1203, { to: 0 }],
    [3, { from: 3 }],
  ])('reads a stream of %d events in pages, %j of it', async (length, range: { from?: number; to?: number }) => {
    await append(Array.from({ length }, (_, i) => written(`${i}`)));
    const { from = 0, to = length - 1 } = range;
    const expected = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
    expect((await read(undefined, range)).map(({ revision }) => revision)).toEqual(expected);
  });

  it('an erased subject leaves the plain fields, and the stand-ins where personal ones were', async () => {
    await append([written('one')]);
    await append([written('kept')], 'no-stream', 'user-acme+n2');
    sealer.erase('acme', 'n1');
    expect(await storeWith(catalogue).readTenant('acme', 0, 10)).toMatchObject([
      { event: written('unreadable'), erased: true },
      { event: written('kept'), erased: false },
    ]);
  });

  it('brings older versions to the current shape, step by step, after opening them', async () => {
    await append([written('one')]);
    const [recorded] = await read(
      storeWith({
        NoteWritten: {
          schemaVersion: 3,
          sealed: { body: '' },
          upcasters: {
            1: ({ text, ...rest }) => ({ ...rest, body: text }),
            2: (data) => ({ ...data, body: [data['body']] }),
          },
        },
      }),
    );
    expect(recorded).toMatchObject({ schemaVersion: 3, event: { data: { body: ['one'], colour: 'red' } } });
    expect(recorded?.event.data).not.toHaveProperty('text');
  });

  it('an older version of an erased subject ends with the stand-ins of today', async () => {
    await append([written('one')]);
    sealer.erase('acme', 'n1');
    const upcasters = { 1: ({ text, ...rest }: Readonly<Record<string, unknown>>) => ({ ...rest, body: text }) };
    const [recorded] = await read(
      storeWith({ NoteWritten: { schemaVersion: 2, sealed: { body: 'unreadable' }, upcasters } }),
    );
    expect(recorded?.event.data).toEqual({ body: 'unreadable', colour: 'red' });
  });

  it('says which step is missing', async () => {
    await append([written('one')]);
    const store = storeWith({
      NoteWritten: { schemaVersion: 3, sealed: {}, upcasters: { 2: (data) => ({ ...data }) } },
    });
    await expect(read(store)).rejects.toThrow('NoteWritten has no upcaster from schema version 1');
  });

  it('passes on types and versions of a newer release as they are', async () => {
    await append([written('one')]);
    expect(await read(storeWith({}))).toMatchObject([{ schemaVersion: 1, event: written('one') }]);
    expect(await read(storeWith({ NoteWritten: { schemaVersion: 0, sealed: {} } }))).toMatchObject([
      { schemaVersion: 1, event: written('one') },
    ]);
  });

  it('knows nothing of the streams of another tenant', async () => {
    await append([written('one')]);
    expect(await storeWith(catalogue).readTenant('globex', 0, 10)).toEqual([]);
    for await (const recorded of storeWith(catalogue).readStream('globex', NOTES)) expect(recorded).toBeUndefined();
  });
});
