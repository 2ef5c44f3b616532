import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import { send, TenantClient } from './clients.js';
import { freePort, startSystem, type RunningSystem } from './running-system.js';
import { ServiceProcess } from './service-process.js';

jest.setTimeout(300_000);

const newKey = () => randomBytes(32).toString('base64');
const [oldKey, newMasterKey] = [newKey(), newKey()];
const ADMIN_TOKEN = randomBytes(24).toString('hex');
let database: TestDatabase;
let running: RunningSystem | undefined;

beforeAll(async () => {
  database = await createTestDatabase([]);
});
afterAll(async () => {
  await running?.stop();
  await database.drop();
});

const brokers = (process.env['TEST_KAFKA_BROKERS'] ?? '').split(',');
/** Starts it on the same database, after the one before. */
const restart = async (keys: Readonly<Record<string, string>>): Promise<RunningSystem> => {
  await running?.stop();
  running = await startSystem('one process', { ADMIN_TOKEN, ...keys }, { databaseUrl: database.ownerUrl, brokers });
  return running;
};
/** `rollcall keys …`; returns what it prints. */
const rollcall = async (command: string, keys: Readonly<Record<string, string>>): Promise<string> => {
  const cli = new ServiceProcess('cli', { DATABASE_URL: database.ownerUrl, ...keys });
  cli.start(['keys', command]);
  await cli.finished();
  return cli.output;
};
/** A service of its own, as it comes up with these keys. */
const scimApiWith = async (keys: Readonly<Record<string, string>>) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const service = new ServiceProcess('scim-api', { DATABASE_URL: database.ownerUrl, PORT: `${port}`, ...keys }, url);
  service.start();
  return service;
};

it('the master key is rotated under load; then the new one alone reads everything, and the old one alone is told what is missing', async () => {
  const before = await restart({ MASTER_KEY: oldKey });
  const tenants = [];
  for (let i = 0; i < 5; i += 1) tenants.push(await TenantClient.create(before));
  const made = await Promise.all(
    tenants.map(async (tenant, i) => ({ tenant, id: await tenant.user(`user-${i}`, { title: `Guide ${i}` }) })),
  );
  const keySet = (await send(`${before.url}/oauth2/jwks`)).body;

  const both = { MASTER_KEY: newMasterKey, MASTER_KEY_PREVIOUS: oldKey };
  const during = await restart(both);
  expect(await rollcall('status', both)).toMatch(/tenant_keys: 10 wrapped by local:\w+ \(in MASTER_KEY_PREVIOUS\)/);
  let rotating = true;
  const load = (async () => {
    for (let n = 0; rotating; n += 1)
      for (const { tenant, id } of made) {
        const client = tenant.through(during.url);
        await client.user(`load-${n}`);
        expect((await client.patch(`/Users/${id}`, [{ op: 'replace', path: 'nickName', value: `${n}` }])).status).toBe(
          200,
        );
      }
  })();
  const newcomer = TenantClient.create(during);
  expect(await rollcall('rotate', both)).toMatch(/11 of 11 keys are wrapped by local:\w+ now\./);
  rotating = false;
  await Promise.all([load, newcomer]);
  expect(await rollcall('rotate', both)).toMatch(/0 of 0 keys/);
  expect(await rollcall('status', both)).not.toMatch(/PREVIOUS|not at hand/);

  const after = await restart({ MASTER_KEY: newMasterKey });
  expect((await send(`${after.url}/oauth2/jwks`)).body).toEqual(keySet);
  for (const [i, { tenant, id }] of made.entries()) {
    const path = `${after.url}/admin/v1/tenants/${tenant.id}/resources/${id}`; // from the log, so that the key is needed
    expect((await send(path, { token: ADMIN_TOKEN })).body).toMatchObject({
      userName: `user-${i}`,
      title: `Guide ${i}`,
    });
  }

  const wrong = await scimApiWith({ MASTER_KEY: oldKey });
  const deadline = Date.now() + 60_000;
  let answer: Awaited<ReturnType<typeof send>> | undefined;
  while (answer === undefined && Date.now() < deadline)
    answer = await send(`${wrong.url}/health/ready`).catch(
      () => new Promise((again) => setTimeout(() => again(undefined), 50)),
    );
  await wrong.end();
  expect(answer).toMatchObject({
    status: 503,
    body: {
      checks: {
        'master key': expect.stringMatching(
          /^MASTER_KEY is local:\w+, but keys in the database were wrapped by local:\w+/,
        ),
      },
    },
  });
  expect(wrong.output).toContain('"code":"wrong-master-key"');
});
