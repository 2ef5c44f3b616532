import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ProducerLost, type KafkaPort, type OutgoingRecord, type ReceivedRecord } from './kafka-port.js';

const SEEN_WITHIN_MS = 10_000;

/** What every adapter of KafkaPort must keep, on a real broker: a mock proves nothing about transactions. */
export const describeKafkaPort = (name: string, connect: () => KafkaPort): void =>
  describe(`${name} as a KafkaPort`, () => {
    const topic = `contract.${randomUUID()}`;
    const compacted = `${topic}.compacted`;
    let kafka: KafkaPort;

    const record = (key: string, value: string | null, more: Partial<OutgoingRecord> = {}): OutgoingRecord => ({
      topic,
      partition: 0,
      key,
      value,
      headers: {},
      ...more,
    });
    const commit = async (id: string, ...batches: readonly (readonly OutgoingRecord[])[]): Promise<void> => {
      const producer = await kafka.openProducer(id);
      const transaction = await producer.begin();
      for (const batch of batches) await transaction.send(batch);
      await transaction.commit();
      await producer.close();
    };
    const read = async (partition: number, from = topic): Promise<ReceivedRecord[]> => {
      const records: ReceivedRecord[] = [];
      await kafka.readToEnd(from, partition, (received) => records.push(received));
      return records;
    };
    const values = async (partition: number): Promise<(string | null)[]> => (await read(partition)).map((r) => r.value);
    /** A commit is decided before its markers stand in every partition: ask again until they do. */
    const eventually = async <T>(ask: () => Promise<readonly T[]>, count: number): Promise<readonly T[]> => {
      const deadline = Date.now() + SEEN_WITHIN_MS;
      let seen = await ask();
      while (seen.length < count && Date.now() < deadline) seen = await ask();
      return seen;
    };

    beforeAll(async () => {
      kafka = connect();
      const verified = await kafka.verifyTopics([
        { name: topic, partitions: 8, config: { 'cleanup.policy': 'delete' } },
        { name: compacted, partitions: 1, config: { 'cleanup.policy': 'compact' } },
      ]);
      expect(verified.created).toEqual([topic, compacted]);
    });

    afterAll(() => kafka.close());

    it('reads nothing from an empty partition', async () => {
      expect(await values(7)).toEqual([]);
    });

    it('keeps the order within a partition over sends and transactions', async () => {
      const numbers = Array.from({ length: 60 }, (_, i) => String(i));
      const producer = await kafka.openProducer(`${topic}.order`);
      for (let i = 0; i < numbers.length; i += 20) {
        const transaction = await producer.begin();
        await transaction.send(numbers.slice(i, i + 10).map((n) => record('k', n, { partition: 1 })));
        await transaction.send(numbers.slice(i + 10, i + 20).map((n) => record('k', n, { partition: 1 })));
        await transaction.commit();
      }
      await producer.close();
      expect(await eventually(() => values(1), numbers.length)).toEqual(numbers);
    });

    it('puts each record into the partition it names, whatever its key', async () => {
      await commit(`${topic}.partition`, [
        record('same', 'two', { partition: 2 }),
        record('same', 'three', { partition: 3 }),
      ]);
      expect(await eventually(() => values(2), 1)).toEqual(['two']);
      expect(await eventually(() => values(3), 1)).toEqual(['three']);
    });

    it('carries headers, null values and every Unicode character', async () => {
      const headers = { ce_id: '1', 'content-type': 'application/json', ce_subject: '/Users/ü😀' };
      await commit(`${topic}.content`, [
        record('ключ', 'żółć 😀 \u0000', { topic: compacted, headers }),
        record('gone', null, { topic: compacted, headers }),
      ]);
      expect(await eventually(() => read(0, compacted), 2)).toMatchObject([
        { key: 'ключ', value: 'żółć 😀 \u0000', headers },
        { key: 'gone', value: null, headers },
      ]);
    });

    it('never shows what a crashed producer sent without commit, and reads past it to the end', async () => {
      const id = `${topic}.crash`;
      await commit(id, [record('k', 'committed', { partition: 4 })]);
      const crashed = await kafka.openProducer(id);
      const open = await crashed.begin();
      await open.send([record('k', 'lost', { partition: 4 })]);

      const next = await kafka.openProducer(id); // aborts the open transaction
      expect(await values(4)).toEqual(['committed']);
      const transaction = await next.begin();
      await transaction.send([record('k', 'sent again', { partition: 4 })]);
      await transaction.commit();
      await next.close();
      await crashed.close();
      expect(await eventually(() => values(4), 2)).toEqual(['committed', 'sent again']);
    });

    it('fences the older producer of an id, for good', async () => {
      const id = `${topic}.fence`;
      const older = await kafka.openProducer(id);
      const open = await older.begin();
      await open.send([record('k', 'zombie', { partition: 5 })]);
      const newer = await kafka.openProducer(id);

      const refused = open.commit();
      await expect(refused).rejects.toBeInstanceOf(ProducerLost);
      await expect(refused).rejects.toMatchObject({ code: 'producer-lost', fenced: true });
      await expect(older.begin()).rejects.toBeInstanceOf(ProducerLost);
      await newer.close();
      expect(await values(5)).toEqual([]);
    });

    it('reads up to an open transaction of someone else and no further, without waiting for it', async () => {
      await commit(`${topic}.before`, [record('k', 'before', { partition: 6 })]);
      const other = await kafka.openProducer(`${topic}.other`);
      const open = await other.begin();
      await open.send([record('k', 'undecided', { partition: 6 })]);
      expect(await eventually(() => values(6), 1)).toEqual(['before']);
      await open.commit();
      expect(await eventually(() => values(6), 2)).toEqual(['before', 'undecided']);
      await other.close();
    });

    it('reads a partition that holds nothing but aborted records', async () => {
      const aborted = `${topic}.aborted`;
      await kafka.verifyTopics([{ name: aborted, partitions: 1, config: {} }]);
      const crashed = await kafka.openProducer(aborted);
      await (await crashed.begin()).send([record('k', 'lost', { topic: aborted })]);
      await (await kafka.openProducer(aborted)).close();
      await crashed.close();
      expect(await read(0, aborted)).toEqual([]);
    });

    it('follows committed records in order', async () => {
      const live = `${topic}.live`;
      await kafka.verifyTopics([{ name: live, partitions: 1, config: {} }]);
      await commit(live, [record('k', '1', { topic: live }), record('k', '2', { topic: live })]);
      const received: (string | null)[] = [];
      const all = Promise.withResolvers<void>();
      const feed = await kafka.follow({ groupId: live, topics: [live], fromBeginning: true }, ({ value }) => {
        received.push(value);
        if (received.length === 3) all.resolve();
      });
      await commit(live, [record('k', '3', { topic: live })]);
      await all.promise;
      await feed.close();
      expect(received).toEqual(['1', '2', '3']);
    });

    it('keeps the partitions of an existing topic and tells how its settings differ', async () => {
      const verified = await kafka.verifyTopics([
        { name: compacted, partitions: 5, config: { 'cleanup.policy': 'compact', 'segment.ms': '1000' } },
      ]);
      expect(verified.created).toEqual([]);
      expect(verified.partitions.get(compacted)).toBe(1);
      expect(verified.differences).toMatchObject([{ topic: compacted, setting: 'segment.ms', wanted: '1000' }]);
    });

    it('refuses an existing topic with another cleanup policy', async () => {
      await expect(
        kafka.verifyTopics([{ name: topic, partitions: 8, config: { 'cleanup.policy': 'compact' } }]),
      ).rejects.toMatchObject({ code: 'topic-unusable' });
    });

    it('knows that a broker answers', async () => {
      expect(await kafka.reachable()).toBe(true);
    });
  });
