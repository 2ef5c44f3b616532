import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { accessMigrations } from '#access';
import { encryptionMigrations } from '#encryption';
import { eventLogMigrations } from '#event-store-postgres';
import { createLogger, loadSettings, Shutdown, startService } from '#runtime';
import { createTestDatabase, type TestDatabase } from '#testing';
import { composeAuth } from '../src/compose.js';

let database: TestDatabase;
const secrets = { ADMIN_TOKEN: randomBytes(24).toString('hex'), MASTER_KEY: randomBytes(32).toString('base64') };

beforeAll(async () => {
  database = await createTestDatabase([...eventLogMigrations, ...encryptionMigrations, ...accessMigrations]);
});
afterAll(() => database.drop());

const start = async () => {
  const env = { ...secrets, DATABASE_URL: database.ownerUrl, PUBLIC_URL: 'https://id.example', PORT: '0' };
  const settings = { ...loadSettings(env, 'auth'), DATABASE_URL: database.ownerUrl, MASTER_KEY: secrets.MASTER_KEY };
  const logger = createLogger('silent', 'auth');
  const shutdown = new Shutdown(logger);
  const app = await startService('auth', settings, composeAuth, { logger, shutdown });
  const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  return { url, close: () => shutdown.close() };
};

const operator = { authorization: `Bearer ${secrets.ADMIN_TOKEN}`, 'content-type': 'application/json' };
const json = async (response: Response) => ({ status: response.status, body: await response.json() });

it('comes up again on the same data: tenants, clients and keys are there', async () => {
  const first = await start();
  const post = (path: string, body: object) =>
    fetch(`${first.url}/admin/v1${path}`, { method: 'POST', headers: operator, body: JSON.stringify(body) }).then(json);
  expect(await post('/tenants', { id: 'acme', displayName: 'Acme Inc.' })).toMatchObject({ status: 201 });
  const { body } = await post('/tenants/acme/clients', { name: 'entra' });
  const { clientId, clientSecret } = body as { clientId: string; clientSecret: string };
  const keys = await fetch(`${first.url}/oauth2/jwks`).then(json);
  await first.close();

  const second = await start();
  expect(await fetch(`${second.url}/oauth2/jwks`).then(json)).toEqual(keys);
  expect(await fetch(`${second.url}/admin/v1/tenants`, { headers: operator }).then(json)).toMatchObject({
    status: 200,
    body: { items: [{ id: 'acme' }] },
  });
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const token = await fetch(`${second.url}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
  expect([token.status, token.headers.get('x-request-id')]).toEqual([200, expect.any(String)]);

  const metrics = await (await fetch(`${second.url}/metrics`)).text();
  expect(metrics).toContain('route="/oauth2/*"');
  await second.close();
});

it('says which settings it misses', () =>
  expect(() => loadSettings({}, 'auth')).toThrow(/ADMIN_TOKEN[\s\S]*MASTER_KEY/));
