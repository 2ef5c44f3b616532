import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import pg, { type Pool } from 'pg';
import { Registry } from 'prom-client';
import type { PublisherPosition } from '#contracts';
import { directoryEvents, membershipEdges, type DirectoryEvent } from '#directory';
import { EventStore, streamName } from '#event-sourcing';
import { eventLogMigrations, PostgresEdgeIndex, PostgresEventLog } from '#event-store-postgres';
import { KafkaPort, ProducerLost, type OutgoingRecord, type TransactionalProducer } from '#kafka';
import { createServicePool } from '#postgres';
import { createTestDatabase, InMemorySealer, newTenant, someMetadata, type TestDatabase } from '#testing';
import { EndOfTenant } from './end-of-tenant.js';
import { PartitionPublisher } from './partition-publisher.js';
import { Publication } from './publication.js';
import { PublisherLog } from './publisher-log.js';
import { PublisherMetrics } from './publisher-metrics.js';
import { ResourceStates } from './resource-states.js';

jest.setTimeout(600_000);

const MEMBERS = 1_000_000;
const LATE = 960_000;
const GROUP = 'g';

/** What a compacted positions topic and a memberships topic come to, with the transactions counted. */
class CountingKafka extends KafkaPort {
  readonly positions = new Map<string, string>();
  readonly transactions: OutgoingRecord[][] = [];
  /** Throws when a commit is to be of unknown outcome; the records are there then. */
  committed: () => void = () => {};

  async openProducer(): Promise<TransactionalProducer> {
    return {
      close: async () => {},
      begin: async () => {
        let records: readonly OutgoingRecord[] = [];
        return {
          send: async (sent) => {
            records = sent;
          },
          commit: async () => {
            const isPosition = ({ topic }: OutgoingRecord) => topic.includes('positions');
            for (const { key, value } of records.filter(isPosition)) this.positions.set(key, value ?? '');
            this.transactions.push(records.filter((record) => !isPosition(record)));
            this.committed();
          },
        };
      },
    };
  }

  async readToEnd(topic: string, partition: number, onRecord: Parameters<KafkaPort['readToEnd']>[2]): Promise<void> {
    for (const [key, value] of this.positions) onRecord({ topic, partition, key, value, headers: {}, offset: 0n });
  }

  verifyTopics = () => Promise.reject(new Error('not asked for here'));
  follow = () => Promise.reject(new Error('not asked for here'));
  reachable = async () => true;
  close = async () => {};
}

let database: TestDatabase;
let pool: Pool;
let log: PostgresEventLog;
let store: EventStore;
const t = newTenant();

const memberId = (n: number): string => `m${String(n).padStart(7, '0')}`;

/** A group of 1,000,000 that was deleted: members in the index, as appends put them there, and its last event in the log. */
beforeAll(async () => {
  database = await createTestDatabase(eventLogMigrations);
  pool = createServicePool({ url: database.ownerUrl, applicationName: 'publisher' });
  log = new PostgresEventLog(pool);
  store = new EventStore(log, new InMemorySealer(), directoryEvents, randomUUID, membershipEdges);
  const append = (expected: number | 'no-stream', ...events: readonly DirectoryEvent[]) =>
    store.append({
      streams: [
        {
          tenantId: t,
          streamName: streamName('group', t, GROUP),
          expected,
          events: events.map((event) => ({ event, metadata: someMetadata() })),
        },
      ],
      time: new Date(),
    });
  await append('no-stream', { type: 'GroupCreated', data: { attributes: { displayName: 'Everybody' } } });
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  await owner.query(
    `INSERT INTO edges SELECT $1, $2, 'm' || lpad(n::text, 7, '0'), 'User', 1 FROM generate_series(0, $3::int - 1) n`,
    [t, GROUP, MEMBERS],
  );
  await owner.query('ANALYZE');
  await owner.end();
  await append(0, { type: 'GroupDeleted', data: {} });
});
afterAll(async () => {
  await log.close();
  await pool.end();
  await database.drop();
});

/** Publishes until `enough`, and tells how many statements that took. */
const publish = async (kafka: CountingKafka, enough: () => boolean): Promise<number> => {
  let statements = 0;
  const count = () => (statements += 1);
  pool.on('acquire', count);
  const metrics = new PublisherMetrics(new Registry());
  const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const publication = new Publication(new ResourceStates(store), new PostgresEdgeIndex(pool), new EndOfTenant(log));
  const publisher = new PartitionPublisher(0, {
    kafka,
    store,
    publication,
    metrics,
    log: new PublisherLog(quiet, metrics.waiting),
    topicPrefix: 'p',
  });
  const stop = new AbortController();
  const { committed } = kafka;
  kafka.committed = () => {
    if (enough()) stop.abort();
    committed();
  };
  publisher.wake(t);
  await publisher.run(stop.signal);
  pool.off('acquire', count);
  return statements;
};

const tombstones = (kafka: CountingKafka) =>
  kafka.transactions.flat().filter(({ topic }) => topic.includes('memberships'));
const keys = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${t}/${GROUP}/${memberId(from + i)}`);
const positionOf = (kafka: CountingKafka): PublisherPosition =>
  JSON.parse(kafka.positions.get(t) ?? '{}') as PublisherPosition;

const expectBounded = (kafka: CountingKafka, statements: number) => {
  for (const records of kafka.transactions) expect(records.length).toBeLessThan(2_000);
  expect(statements).toBeLessThan(kafka.transactions.length * 5 + 20); // the event, two pages of members, and one read ahead
};

it('the end of a group of 1,000,000 begins with its deletion and goes out in bounded transactions, a position in each', async () => {
  const kafka = new CountingKafka();
  const statements = await publish(kafka, () => kafka.transactions.length === 40);
  expectBounded(kafka, statements);
  const sent = tombstones(kafka);
  expect(kafka.transactions[0]?.map(({ topic }) => topic).filter((topic) => topic.includes('changes'))).toHaveLength(2);
  expect(sent.every(({ value }) => value === null)).toBe(true);
  expect(sent.map(({ key }) => key)).toEqual(keys(0, sent.length));
  expect(positionOf(kafka)).toEqual({ sequence: 1, offset: sent.length, after: memberId(sent.length - 1) });
});

it('killed after 960,000 of them, it sends the other 40,000, none twice and none left out, whatever commits are in doubt', async () => {
  const kafka = new CountingKafka();
  kafka.positions.set(t, JSON.stringify({ sequence: 1, offset: LATE, after: memberId(LATE - 1) }));
  let commits = 0;
  kafka.committed = () => {
    commits += 1;
    if (commits === 3) throw new ProducerLost('Killed after the commit.', false);
  };
  const statements = await publish(kafka, () => positionOf(kafka).sequence === 2);
  expectBounded(kafka, statements);
  expect(tombstones(kafka).map(({ key }) => key)).toEqual(keys(LATE, MEMBERS));
  expect(kafka.transactions.flat().filter(({ topic }) => !topic.includes('memberships'))).toEqual([]);
  expect(positionOf(kafka)).toEqual({ sequence: 2 });
});
