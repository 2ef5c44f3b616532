import { KafkaUnavailable } from './kafka-port.js';

/**
 * Waits for `work`, at most `milliseconds`. kafkajs retries inside of retries, so that its own limits multiply; this one holds.
 * Work that is late goes on unseen and its failure is dropped.
 */
export const within = async <T>(milliseconds: number, what: string, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new KafkaUnavailable(`Kafka did not ${what} within ${milliseconds} ms.`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
};
