import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { startBrowser, type TestBrowser } from '../setup/browser.js';
import { send, TenantClient, USER, type Answer } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';

const PATIENCE = 120_000;
const PASSWORD = 'three cold stones';

let system: RunningSystem;
let tenant: TenantClient;
/** The client's own site, where the browser ends. */
let site: Server;
let callback: string;

beforeAll(async () => {
  system = await startSystem('separate services');
  tenant = await TenantClient.create(system);
  site = createServer((_request, response) => response.end('back at the client')).listen(0, '127.0.0.1');
  await once(site, 'listening');
  callback = `http://127.0.0.1:${(site.address() as AddressInfo).port}/callback`;
}, PATIENCE);
afterAll(async () => {
  site.closeAllConnections();
  site.close();
  await system.stop();
});

const admin = (method: string, path: string, body?: object): Promise<Answer> =>
  send(`${system.url}/admin/v1/tenants/${tenant.id}${path}`, {
    method,
    token: system.adminToken,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  });
const textOf = ({ body }: Answer, field: string): string => String(body[field]);
const form = async (path: string, fields: Record<string, string>) => {
  const response = await fetch(`${system.url}${path}`, { method: 'POST', body: new URLSearchParams(fields) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

/** With SCREENSHOTS set to a folder, each page is kept there to be looked at. */
const keep = async (page: Page, name: string) => {
  const folder = process.env['SCREENSHOTS'];
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
};

/** What is the same of every page of ours. */
const looksRight = async (page: Page) => {
  expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
  expect(await page.locator('h1').count()).toBe(1);
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  for (const input of await page.locator('input').all())
    expect(await page.locator(`label[for="${await input.getAttribute('id')}"]`).count()).toBe(1);
  // The sheet is in force.
  expect(await page.evaluate(`getComputedStyle(document.querySelector('main')).maxWidth`)).toBe('432px');
};

describe.each([
  ['a desk', { width: 1280, height: 800 }],
  ['a phone', { width: 390, height: 844 }],
])('C-O2 F8 in a browser on %s', (place, viewport) => {
  let browser: TestBrowser;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await startBrowser(viewport);
    browser.context.on('console', (message) => complaints.push(message.text()));
  }, PATIENCE);
  afterAll(() => browser.close());

  it(
    'an administrator follows the link, chooses a password, signs in, allows: the client provisions and refreshes',
    async () => {
      const email = `babs-${randomBytes(3).toString('hex')}@acme.example`;
      const invited = await admin('POST', '/administrators', { email, displayName: 'Babs Jensen' });
      const page = await browser.context.newPage();
      const click = (name: string) => page.getByRole('button', { name, exact: true }).click();

      await page.goto(textOf(invited, 'link'));
      await looksRight(page);
      await page.getByLabel('Password', { exact: true }).fill('acme.example123');
      await page.getByLabel('The same again').fill('acme.example123');
      await click('Save password');
      expect(await page.getByRole('alert').textContent()).toContain('name or address');
      await keep(page, `${place}-password`);
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByLabel('The same again').fill(PASSWORD);
      await click('Save password');
      expect(await page.locator('h1').textContent()).toBe('Your password is saved');

      const grantTypes = ['authorization_code', 'refresh_token'];
      const made = await admin('POST', '/clients', { name: 'Okta', grantTypes, redirectUris: [callback] });
      const [client_id, client_secret] = [textOf(made, 'clientId'), textOf(made, 'clientSecret')];
      const code_verifier = randomBytes(32).toString('base64url');
      const code_challenge = createHash('sha256').update(code_verifier).digest('base64url');
      const request = { response_type: 'code', client_id, redirect_uri: callback, state: 's1', code_challenge };
      const query = new URLSearchParams({ ...request, code_challenge_method: 'S256' }).toString();
      await page.goto(`${system.url}/oauth2/authorize?${query}`);
      await looksRight(page);
      await page.getByLabel('E-mail address').fill(email);
      await page.getByLabel('Password').fill('something else');
      await click('Sign in');
      expect(await page.getByRole('alert').textContent()).toBe('E-mail address or password is wrong.');
      expect(await page.getByLabel('E-mail address').inputValue()).toBe(email);
      await keep(page, `${place}-sign-in`);
      await page.getByLabel('Password').fill(PASSWORD);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Allow access?' }).waitFor();
      await looksRight(page);
      expect(await page.locator('main').textContent()).toContain(
        'create, change and deactivate users and groups of Test',
      );
      await keep(page, `${place}-consent`);
      await click('Allow');
      await page.waitForURL(`${callback}**`);
      const answered = new URL(page.url()).searchParams;
      expect(answered.get('state')).toBe('s1');

      const authentication = { client_id, client_secret };
      const code = answered.get('code') ?? '';
      const exchange = { grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier };
      const granted = await form('/oauth2/token', { ...exchange, ...authentication });
      expect(granted).toMatchObject({ status: 200, body: { scope: 'scim', expires_in: 3600 } });
      const token = String(granted.body['access_token']);
      const created = await send(`${tenant.scimUrl}/Users`, {
        method: 'POST',
        token,
        body: { schemas: [USER], userName: `${place}-${email}` },
      });
      expect(created.status).toBe(201);
      const refresh_token = String(granted.body['refresh_token']);
      const renewed = await form('/oauth2/token', { grant_type: 'refresh_token', refresh_token, ...authentication });
      expect(renewed).toMatchObject({ status: 200, body: { refresh_token: expect.any(String) } });
      expect((await admin('GET', `/clients/${client_id}`)).body).toMatchObject({
        authorization: { administratorId: textOf(invited, 'id') },
      });
      await page.close();
    },
    PATIENCE,
  );

  it(
    'an administrator denies, and the client is told so',
    async () => {
      const email = `no-${randomBytes(3).toString('hex')}@acme.example`;
      const invited = await admin('POST', '/administrators', { email, displayName: 'Nora' });
      await fetch(textOf(invited, 'link'), {
        method: 'POST',
        body: new URLSearchParams({ password: PASSWORD, again: PASSWORD }),
      });
      const made = await admin('POST', '/clients', {
        ...{ name: 'Okta', grantTypes: ['authorization_code'], redirectUris: [callback] },
      });
      const request = {
        response_type: 'code',
        client_id: textOf(made, 'clientId'),
        redirect_uri: callback,
        state: 's2',
      };
      const code_challenge = createHash('sha256').update('v'.repeat(43)).digest('base64url');
      const query = new URLSearchParams({ ...request, code_challenge, code_challenge_method: 'S256' }).toString();
      const page = await browser.context.newPage();
      await page.goto(`${system.url}/oauth2/authorize?${query}`);
      await page.getByLabel('E-mail address').fill(email);
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('button', { name: 'Deny' }).click();
      await page.waitForURL(`${callback}**`);
      expect(Object.fromEntries(new URL(page.url()).searchParams)).toMatchObject({
        error: 'access_denied',
        state: 's2',
      });
      await page.close();
    },
    PATIENCE,
  );

  it('the browser refused nothing of a page by its policy', () =>
    expect(complaints.filter((text) => /Content Security Policy|Refused/.test(text))).toEqual([]));
});

it('F8 no service has logged an address, a password, a link or a token', () => {
  for (const service of system.services.values())
    expect(service.output).not.toMatch(/acme\.example|three cold stones|invitation\/[0-9A-Za-z]{5}|refresh_token/);
});
