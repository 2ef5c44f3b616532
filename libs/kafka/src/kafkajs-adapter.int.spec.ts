import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, jest } from '@jest/globals';
import { describeKafkaPort } from './kafka-port.contract.js';
import { KafkajsAdapter } from './kafkajs-adapter.js';

jest.setTimeout(30_000);

const brokers = (): readonly string[] => {
  const named = process.env['TEST_KAFKA_BROKERS'];
  if (named === undefined || named === '')
    throw new Error(
      'TEST_KAFKA_BROKERS names no broker: these tests need a real one (deploy/kafka/development-broker.mjs).',
    );
  return named.split(',');
};

describeKafkaPort('kafkajs', () => new KafkajsAdapter({ brokers: brokers(), clientId: 'contract' }));

describe('kafkajs without a broker', () => {
  const nowhere = async (): Promise<KafkajsAdapter> => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return new KafkajsAdapter({ brokers: [`127.0.0.1:${port}`], clientId: 'contract', operationTimeoutMs: 500 });
  };

  it('says that no broker answers', async () => {
    expect(await (await nowhere()).reachable()).toBe(false);
  });

  it('fails every operation within its time limit', async () => {
    const kafka = await nowhere();
    await expect(kafka.openProducer('id')).rejects.toMatchObject({ code: 'kafka-unavailable' });
    await expect(kafka.verifyTopics([])).rejects.toMatchObject({ code: 'kafka-unavailable' });
    await expect(kafka.readToEnd('topic', 0, () => {})).rejects.toMatchObject({ code: 'kafka-unavailable' });
  });
});
