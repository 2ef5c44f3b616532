import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { decodeJwt } from 'jose';
import pg from 'pg';
import { AuthReplicas, ISSUER, textOf, until, type Answer, type Replica } from './auth-replicas.js';
import { BrowserByHand, type Page } from './browser-by-hand.js';

const REDIRECT = 'https://idp.example/callback';
const PASSWORD = 'correct horse battery';

jest.setTimeout(120_000); // argon2 and RSA keys take their time on a busy machine

let replicas: AuthReplicas;
let auth: Replica;
let second: Replica;
let owner: pg.Pool;

beforeAll(async () => {
  replicas = await AuthReplicas.create();
  [auth, second] = await Promise.all([replicas.start(), replicas.start()]);
  owner = new pg.Pool({ connectionString: replicas.database.ownerUrl, max: 1 });
  for (const id of ['acme', 'globex']) await auth.admin('POST', '/tenants', { id, displayName: `${id} <Inc.>` });
}, 60_000);
afterAll(async () => {
  await owner.end();
  await replicas.close();
});

interface Client {
  readonly id: string;
  readonly secret: string;
}

const newClient = async (tenant = 'acme', more: object = {}): Promise<Client> => {
  const grantTypes = ['authorization_code', 'refresh_token'];
  const body = { name: 'Okta & friends', grantTypes, redirectUris: [REDIRECT], ...more };
  const made = await auth.admin('POST', `/tenants/${tenant}/clients`, body);
  return { id: textOf(made, 'clientId'), secret: textOf(made, 'clientSecret') };
};
const browser = () => new BrowserByHand([auth, second]);
const invite = async (tenant = 'acme') => {
  const email = `babs-${randomBytes(4).toString('hex')}@example.com`;
  const made = await auth.admin('POST', `/tenants/${tenant}/administrators`, { email, displayName: 'Babs Jensen' });
  return { email, id: textOf(made, 'id'), link: textOf(made, 'link') };
};
const newAdministrator = async (tenant = 'acme') => {
  const invited = await invite(tenant);
  await browser().post(invited.link, { password: PASSWORD, again: PASSWORD });
  return invited;
};

const verifier = randomBytes(32).toString('base64url');
const challenge = {
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
};
const authorizeUrl = ({ id }: Client, over: Record<string, string> = {}) => {
  const query = {
    response_type: 'code',
    client_id: id,
    redirect_uri: REDIRECT,
    state: 'the state',
    ...challenge,
    ...over,
  };
  return `/oauth2/authorize?${new URLSearchParams(query).toString()}`;
};
const signIn = (page: Page, on: BrowserByHand, email: string, password = PASSWORD) =>
  on.post(page.url, { decision: 'sign-in', email, password });

/** The whole way of an administrator who allows; returns what the client's redirect URI is given. */
const allow = async (client: Client, email: string, over: Record<string, string> = {}): Promise<URLSearchParams> => {
  const at = browser();
  const consent = await signIn(await at.get(authorizeUrl(client, over)), at, email);
  const end = await at.post(consent.url, { decision: 'allow' });
  return new URL(end.url).searchParams;
};
const exchange = (client: Client, code: string, over: Record<string, string> = {}, on = second) =>
  on.token({
    ...{ grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: verifier },
    ...{ client_id: client.id, client_secret: client.secret, ...over },
  });
const refresh = (client: Client, token: string, on = auth) =>
  on.token({ grant_type: 'refresh_token', refresh_token: token, client_id: client.id, client_secret: client.secret });
const tokensFor = async (client: Client, email: string): Promise<Answer> =>
  exchange(client, (await allow(client, email)).get('code') ?? '');
const shown = async ({ id }: Client) => (await auth.admin('GET', `/tenants/acme/clients/${id}`)).body;

describe('F8 the authorization code grant', () => {
  it('C-O2 an administrator signs in and allows; the client gets a token of the tenant and refreshes it', async () => {
    const [client, babs] = [await newClient(), await newAdministrator()];
    const at = browser();
    const first = await at.get(authorizeUrl(client));
    expect(first).toMatchObject({ status: 200, html: expect.stringContaining('Okta &amp; friends') });
    const consent = await signIn(first, at, babs.email);
    expect(consent.html).toMatch(
      /wants to create, change and deactivate users and groups of\s+<strong>acme &lt;Inc.&gt;</,
    );
    expect(consent.html).toContain('idp.example');
    const { url } = await at.post(consent.url, { decision: 'allow' });
    const sent = new URL(url);
    expect(`${sent.origin}${sent.pathname}`).toBe(REDIRECT);
    expect(Object.fromEntries(sent.searchParams)).toEqual({
      code: expect.any(String),
      state: 'the state',
      iss: ISSUER,
    });

    const granted = await exchange(client, sent.searchParams.get('code') ?? '');
    expect(granted).toMatchObject({ status: 200, body: { token_type: 'Bearer', expires_in: 3600, scope: 'scim' } });
    const token = textOf(granted, 'access_token');
    expect(decodeJwt(token)).toMatchObject({ tenant: 'acme', client_id: client.id, sub: babs.id });
    expect(await auth.probe('acme', token)).toMatchObject({
      status: 200,
      body: { tenant: 'acme', actor: { id: client.id } },
    });
    expect((await auth.probe('globex', token)).status).toBe(403);
    expect(await refresh(client, textOf(granted, 'refresh_token'))).toMatchObject({
      status: 200,
      body: { scope: 'scim' },
    });
  });

  it('F9 the client shows who allowed it, and when; allowing again replaces that and leaves older tokens alone', async () => {
    const [client, babs, other] = [await newClient(), await newAdministrator(), await newAdministrator()];
    expect(await shown(client)).toMatchObject({ authorization: null });
    const before = await tokensFor(client, babs.email);
    expect(await shown(client)).toMatchObject({ authorization: { administratorId: babs.id, at: expect.any(String) } });
    await tokensFor(client, other.email);
    expect(await shown(client)).toMatchObject({ authorization: { administratorId: other.id } });
    expect((await auth.probe('acme', textOf(before, 'access_token'))).status).toBe(200);
    expect((await refresh(client, textOf(before, 'refresh_token'))).status).toBe(200);
  });

  it('two administrators consent one after the other in one browser, each as themselves', async () => {
    const [client, babs, other] = [await newClient(), await newAdministrator(), await newAdministrator()];
    const at = browser();
    for (const { id, email } of [babs, other]) {
      const consent = await signIn(await at.get(authorizeUrl(client)), at, email);
      const code = new URL((await at.post(consent.url, { decision: 'allow' })).url).searchParams.get('code') ?? '';
      expect(decodeJwt(textOf(await exchange(client, code), 'access_token'))).toMatchObject({ sub: id });
    }
  });

  it.each([
    ['signing in', (page: Page, at: BrowserByHand) => at.post(page.url, { decision: 'cancel' })],
    [
      'consent',
      async (page: Page, at: BrowserByHand) => {
        const consent = await signIn(page, at, (await newAdministrator()).email);
        return at.post(consent.url, { decision: 'deny' });
      },
    ],
  ])('says access_denied when the administrator leaves at %s', async (_, leave) => {
    const at = browser();
    const { searchParams } = new URL((await leave(await at.get(authorizeUrl(await newClient())), at)).url);
    expect(Object.fromEntries(searchParams)).toMatchObject({ error: 'access_denied', state: 'the state' });
    expect(searchParams.has('code')).toBe(false);
  });

  it.each<[string, Record<string, string>]>([
    ['another redirect URI', { redirect_uri: `${REDIRECT}/` }],
    ['a redirect URI in other letters', { redirect_uri: REDIRECT.toUpperCase() }],
    ['an unknown client', { client_id: 'unknown' }],
  ])('shows a page and does not redirect for %s', async (_, over) => {
    const page = await browser().get(authorizeUrl(await newClient(), over));
    expect(page).toMatchObject({ status: 400, html: expect.stringContaining('cannot be answered') });
  });

  it.each<[string, Record<string, string>, string]>([
    ['no PKCE', { code_challenge: '', code_challenge_method: '' }, 'invalid_request'],
    ['plain PKCE', { code_challenge: verifier, code_challenge_method: 'plain' }, 'invalid_request'],
    ['another scope', { scope: 'admin' }, 'invalid_scope'],
    ['the API of another tenant', { resource: `${ISSUER}/t/globex/scim/v2` }, 'invalid_target'],
  ])('sends %s back with its error', async (_, over, error) => {
    const page = await browser().get(authorizeUrl(await newClient(), over));
    expect(Object.fromEntries(new URL(page.url).searchParams)).toMatchObject({ error, state: 'the state' });
  });

  it("C-O2 Okta's redirect URIs are registered by the name of its app, and may come without PKCE", async () => {
    const client = await newClient('acme', { redirectUris: [], oktaAppName: 'acme_scim_1' });
    const redirectUris = ['okta.com', 'okta-emea.com', 'oktapreview.com'].map(
      (host) => `https://system-admin.${host}/admin/app/cpc/acme_scim_1/oauth/callback`,
    );
    expect(await shown(client)).toMatchObject({ redirectUris });
    const [redirect_uri = ''] = redirectUris;
    const none = { code_challenge: '', code_challenge_method: '' };
    const babs = await newAdministrator();
    const code = (await allow(client, babs.email, { redirect_uri, ...none })).get('code') ?? '';
    expect(await exchange(client, code, { redirect_uri, code_verifier: '' })).toMatchObject({ status: 200 });
    const refused = await auth.admin('POST', '/tenants/acme/clients', { name: 'x', oktaAppName: 'a/../b' });
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'redirect-uri-invalid' } } });
  });

  it.each<[string, Record<string, string>, number]>([
    ['another redirect URI', { redirect_uri: 'https://idp.example/other' }, 400],
    ['another verifier', { code_verifier: randomBytes(32).toString('base64url') }, 400],
    ['no verifier', { code_verifier: '' }, 400],
    ['a wrong secret', { client_secret: 'wrong' }, 401],
  ])('a code is worth nothing with %s', async (_, over, status) => {
    const [client, babs] = [await newClient(), await newAdministrator()];
    const code = (await allow(client, babs.email)).get('code') ?? '';
    expect((await exchange(client, code, over)).status).toBe(status);
  });

  it('a code is worth nothing to another client, nor twice; using it twice ends what the first use gave', async () => {
    const [client, other, babs] = [await newClient(), await newClient(), await newAdministrator()];
    const code = (await allow(client, babs.email)).get('code') ?? '';
    expect(await exchange(other, code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const granted = await exchange(client, code);
    expect(await exchange(client, code, {}, auth)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const token = textOf(granted, 'access_token');
    expect((await until(401, () => second.probe('acme', token))).status).toBe(401);
    expect((await refresh(client, textOf(granted, 'refresh_token'))).status).toBe(400);
  });
});

describe('F8 refresh tokens', () => {
  it('are used once; who uses one twice, at once or later, ends the whole consent', async () => {
    const [client, babs] = [await newClient(), await newAdministrator()];
    const granted = await tokensFor(client, babs.email);
    const first = textOf(granted, 'refresh_token');
    const rotated = await refresh(client, first);
    const next = textOf(rotated, 'refresh_token');
    expect(next).not.toBe(first);
    expect(await refresh(client, first, second)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await refresh(client, next)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    for (const answer of [granted, rotated])
      expect((await until(401, () => second.probe('acme', textOf(answer, 'access_token')))).status).toBe(401);
    const ended = await until(200, () => auth.admin('GET', `/tenants/acme/clients/${client.id}`));
    expect(ended.status).toBe(200);
  });

  it('one of many uses at the same time at most is good', async () => {
    const [client, babs] = [await newClient(), await newAdministrator()];
    const token = textOf(await tokensFor(client, babs.email), 'refresh_token');
    const answers = await Promise.all([auth, second, auth, second].map((on) => refresh(client, token, on)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
  });

  it('are no good to another client, and are introspected and revoked (RFC 7662, RFC 7009)', async () => {
    const [client, other, foreign, babs] = [
      await newClient(),
      await newClient(),
      await newClient('globex'),
      await newAdministrator(),
    ];
    const granted = await tokensFor(client, babs.email);
    const token = textOf(granted, 'refresh_token');
    expect((await refresh(other, token)).status).toBe(400);
    const ask = (path: string, { id, secret }: Client) =>
      auth.request('POST', path, {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ token, client_id: id, client_secret: secret }).toString(),
      });
    expect(await ask('/oauth2/introspect', client)).toMatchObject({ body: { active: true, client_id: client.id } });
    expect((await ask('/oauth2/introspect', foreign)).body).toEqual({ active: false });
    expect(await ask('/oauth2/revoke', client)).toMatchObject({ status: 200 });
    expect((await ask('/oauth2/introspect', client)).body).toEqual({ active: false });
    expect((await refresh(client, token)).status).toBe(400);
    const accessToken = textOf(granted, 'access_token');
    expect((await until(401, () => second.probe('acme', accessToken))).status).toBe(401);
  });
});

describe('F8 tenant administrators', () => {
  it('are invited, listed, disabled with all they allowed, and enabled again', async () => {
    const [client, babs] = [await newClient(), await newAdministrator()];
    const tokens = await tokensFor(client, babs.email);
    const list = await auth.admin('GET', '/tenants/acme/administrators');
    expect((list.body as { items: { id: string }[] }).items.find(({ id }) => id === babs.id)).toMatchObject({
      ...{ email: babs.email, displayName: 'Babs Jensen', activated: true, enabled: true },
      lastSignedInAt: expect.any(String),
    });
    const path = `/tenants/acme/administrators/${babs.id}`;
    expect(await auth.admin('PATCH', path, { enabled: false })).toMatchObject({
      status: 200,
      body: { enabled: false },
    });
    expect((await refresh(client, textOf(tokens, 'refresh_token'))).status).toBe(400);
    expect((await until(401, () => second.probe('acme', textOf(tokens, 'access_token')))).status).toBe(401);
    expect(await shown(client)).toMatchObject({ authorization: null });
    const at = browser();
    expect((await signIn(await at.get(authorizeUrl(client)), at, babs.email)).status).toBe(401);
    expect(await auth.admin('POST', `${path}/link`)).toMatchObject({ status: 409 });
    await auth.admin('PATCH', path, { enabled: true });
    expect((await allow(client, babs.email)).get('code')).toEqual(expect.any(String));
  });

  it('an operator takes the access of one client back', async () => {
    const [client, babs] = [await newClient(), await newAdministrator()];
    const tokens = await tokensFor(client, babs.email);
    expect((await auth.admin('DELETE', `/tenants/acme/clients/${client.id}/authorization`)).status).toBe(204);
    expect((await refresh(client, textOf(tokens, 'refresh_token'))).status).toBe(400);
    expect((await until(401, () => second.probe('acme', textOf(tokens, 'access_token')))).status).toBe(401);
    expect(await shown(client)).toMatchObject({ authorization: null });
  });

  it('a link works once, and only the newest', async () => {
    const invited = await invite();
    const again = await auth.admin('POST', `/tenants/acme/administrators/${invited.id}/link`);
    const link = textOf(again, 'link');
    expect((await browser().get(invited.link)).status).toBe(410);
    expect(await browser().get(link)).toMatchObject({ status: 200, html: expect.stringContaining(invited.email) });
    const short = await browser().post(link, { password: 'short', again: 'short' });
    expect(short).toMatchObject({ status: 400, html: expect.stringContaining('at least 12') });
    const slip = await browser().post(link, { password: PASSWORD, again: 'another' });
    expect(slip).toMatchObject({ status: 400, html: expect.stringContaining('not the same') });
    expect((await browser().post(link, { password: PASSWORD, again: PASSWORD })).status).toBe(200);
    expect((await browser().post(link, { password: PASSWORD, again: PASSWORD })).status).toBe(410);
    const later = await replicas.start({ now: () => new Date(Date.now() + 8 * 86_400_000) });
    const late = await new BrowserByHand([later]).get((await invite()).link);
    expect(late.status).toBe(410);
  });

  it.each([
    ['an address that is taken', async () => ({ email: (await invite()).email.toUpperCase(), displayName: 'B' }), 409],
    ['an address that is none', async () => ({ email: 'babs', displayName: 'B' }), 400],
    ['no name', async () => ({ email: 'x@example.com', displayName: ' ' }), 400],
  ])('are not invited with %s', async (_, body, status) =>
    expect((await auth.admin('POST', '/tenants/acme/administrators', await body())).status).toBe(status),
  );

  it('R125 of one tenant cannot sign in for another, nor be seen or changed from there', async () => {
    const [client, stranger] = [await newClient(), await newAdministrator('globex')];
    const at = browser();
    expect((await signIn(await at.get(authorizeUrl(client)), at, stranger.email)).status).toBe(401);
    const path = `/tenants/acme/administrators/${stranger.id}`;
    expect((await auth.admin('PATCH', path, { enabled: false })).status).toBe(404);
    expect((await auth.admin('POST', `${path}/link`)).status).toBe(404);
    expect(JSON.stringify((await auth.admin('GET', '/tenants/acme/administrators')).body)).not.toContain(
      stranger.email,
    );
  });

  it('stand in the log by an id alone; passwords, links, codes and tokens are nowhere in the clear', async () => {
    const [client, babs] = [await newClient(), await newAdministrator()];
    const code = (await allow(client, babs.email)).get('code') ?? '';
    const tokens = await exchange(client, code);
    const { rows: tables } = await owner.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    );
    const secrets = [PASSWORD, babs.link.split('/').at(-1) ?? '', code, textOf(tokens, 'refresh_token')];
    for (const { name } of tables) {
      const { rows } = await owner.query<{ text: string }>(`SELECT t::text AS text FROM "${name}" t`);
      const text = rows.map((row) => row.text).join('\n');
      expect([name, secrets.filter((secret) => text.includes(secret))]).toEqual([name, []]);
      if (name !== 'administrator_persons') expect([name, text.includes(babs.email)]).toEqual([name, false]);
    }
  });
});

describe('the pages', () => {
  it('are whole without scripts, in no frame, kept by nobody; their cookies are out of reach of scripts and other sites', async () => {
    const [client, babs] = [await newClient(), await newAdministrator()];
    const at = browser();
    const page = await at.get(authorizeUrl(client));
    const consent = await signIn(page, at, babs.email);
    for (const one of [page, consent, await browser().get((await invite()).link)]) {
      const policy = one.headers.get('content-security-policy') ?? '';
      for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"])
        expect(policy).toContain(rule);
      expect(policy).not.toMatch(/unsafe|script-src/);
      expect(one.headers.get('cache-control')).toBe('no-store');
      expect(one.html).not.toMatch(/<script|\son\w+=|javascript:|https?:\/\/(?!idp)/);
    }
    for (const cookie of at.cookies) expect(cookie.toLowerCase()).toMatch(/secure.*httponly|httponly.*secure/);
    for (const cookie of at.cookies) expect(cookie.toLowerCase()).toContain('samesite=lax');
  });

  it('do not tell whether there is an account, by text or by when guessing is stopped', async () => {
    const [client, babs] = [await newClient(), await newAdministrator()];
    const tries = async (email: string) => {
      const seen: [number, string][] = [];
      for (let i = 0; i < 7; i++) {
        const at = browser();
        const { status, html } = await signIn(await at.get(authorizeUrl(client)), at, email, 'wrong password');
        seen.push([status, html.replaceAll(email, '')]);
      }
      return seen;
    };
    const [known, unknown] = [await tries(babs.email), await tries('nobody@example.com')];
    expect(known).toEqual(unknown);
    expect(known.map(([status]) => status)).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const at = browser();
    expect((await signIn(await at.get(authorizeUrl(client)), at, babs.email)).status).toBe(429);
    const later = await replicas.start({ now: () => new Date(Date.now() + 16 * 60_000) });
    const then = new BrowserByHand([later]);
    expect((await signIn(await then.get(authorizeUrl(client)), then, babs.email)).html).toContain('Allow access?');
  });

  it.each([
    ['another site sends the form', { origin: 'https://evil.example' }, 403],
    ['a frame without origin does', { origin: 'null' }, 403],
  ])('do nothing when %s', async (_, headers, status) => {
    const [client, babs] = [await newClient(), await newAdministrator()];
    const at = browser();
    const page = await at.get(authorizeUrl(client));
    const form = { decision: 'sign-in', email: babs.email, password: PASSWORD };
    expect((await at.post(page.url, form, headers)).status).toBe(status);
  });

  it('are of no use to another browser, nor after a while', async () => {
    const at = browser();
    const page = await at.get(authorizeUrl(await newClient()));
    expect(await browser().get(page.url)).toMatchObject({ status: 400, html: expect.stringContaining('expired') });
    expect((await at.get(page.url)).status).toBe(200);
    expect((await browser().get('/oauth2/interaction/unknown')).status).toBe(400);
    expect((await browser().get('/oauth2/invitation/unknown')).status).toBe(410);
  });
});
