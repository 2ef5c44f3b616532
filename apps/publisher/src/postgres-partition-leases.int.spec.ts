import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Client } from 'pg';
import type { PartitionLease } from './partition-leases.js';
import { PostgresPartitionLeases } from './postgres-partition-leases.js';

jest.setTimeout(30_000);

const url = process.env['TEST_DATABASE_URL'] ?? '';
if (url === '') throw new Error('TEST_DATABASE_URL names no database: these tests need a real PostgreSQL.');

const open: PostgresPartitionLeases[] = [];
const publisher = (prefix: string, database = url): PostgresPartitionLeases => {
  const leases = new PostgresPartitionLeases(database, prefix);
  open.push(leases);
  return leases;
};
const granted = async (lease: Promise<PartitionLease | undefined>): Promise<PartitionLease> => {
  const held = await lease;
  if (held === undefined) throw new Error('The lease was refused.');
  return held;
};

afterEach(async () => {
  await Promise.all(open.splice(0).map((leases) => leases.close()));
});

describe('leases of partitions in PostgreSQL', () => {
  it('give each partition to one publisher only, until it is released', async () => {
    const prefix = randomUUID();
    const [one, other] = [publisher(prefix), publisher(prefix)];
    const lease = await granted(one.acquire(0));
    expect(await other.acquire(0)).toBeUndefined();
    expect(await other.acquire(1)).toBeDefined();
    await lease.release();
    expect(await other.acquire(0)).toBeDefined();
  });

  it('divide the partitions among those who live', async () => {
    const prefix = randomUUID();
    const [one, other] = [publisher(prefix), publisher(prefix)];
    expect(await one.share(12)).toBe(12);
    expect(await other.share(12)).toBe(6);
    expect(await one.share(12)).toBe(6);
    await other.close();
    const deadline = Date.now() + 10_000;
    while ((await one.share(12)) !== 12) if (Date.now() > deadline) throw new Error('The other is still counted.');
  });

  it('of two installations in one database have nothing to do with each other', async () => {
    const [one, other] = [publisher(randomUUID()), publisher(randomUUID())];
    expect(await one.acquire(0)).toBeDefined();
    expect(await other.acquire(0)).toBeDefined();
    expect(await other.share(12)).toBe(12);
  });

  it('are lost with the connection, told at once, free for others and to be had again', async () => {
    const prefix = randomUUID();
    const named = new URL(url);
    named.searchParams.set('application_name', prefix);
    const [one, other] = [publisher(prefix, named.href), publisher(prefix)];
    const lease = await granted(one.acquire(3));
    const lost = new Promise((resolve) => lease.lost.addEventListener('abort', resolve, { once: true }));
    const operator = new Client({ connectionString: url });
    await operator.connect();
    await operator.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [
      prefix,
    ]);
    await operator.end();
    await lost;
    await lease.release();
    expect(await other.acquire(3)).toBeDefined();
    expect(await one.acquire(3)).toBeUndefined();
    expect(await one.acquire(4)).toBeDefined();
  });
});
