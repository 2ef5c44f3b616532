const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;
const SHIFT = 24;

/** MurmurHash2 as Kafka's Java client computes it (`Utils.murmur2`), as a signed 32-bit number. */
export const murmur2 = (bytes: Uint8Array): number => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length - (bytes.length % 4);
  let hash = SEED ^ bytes.length;
  for (let i = 0; i < whole; i += 4) {
    let word = Math.imul(view.getInt32(i, true), MULTIPLIER);
    word = Math.imul(word ^ (word >>> SHIFT), MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ word;
  }
  if (whole < bytes.length) {
    for (let i = bytes.length - 1; i >= whole; i -= 1) hash ^= view.getUint8(i) << (8 * (i - whole));
    hash = Math.imul(hash, MULTIPLIER);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
};

/**
 * The partition that carries all of a tenant's records, the same on every topic (DESIGN §6). Takes the topic's partition count, which
 * never changes once the topic exists. Agrees with Kafka's default partitioner for a record whose key is the bare tenant id.
 */
export const partitionFor = (tenantId: string, partitions: number): number => {
  if (!Number.isInteger(partitions) || partitions < 1)
    throw new RangeError(`A topic has at least one partition, not ${partitions}.`);
  return (murmur2(new TextEncoder().encode(tenantId)) & 0x7fffffff) % partitions;
};
