import { describe, expect, it } from '@jest/globals';
import { effectiveSettings } from '#tenancy';
import { newScimToken } from '../credentials/secret.js';
import {
  TokenDirectory,
  type KnownClient,
  type KnownScimToken,
  type KnownTenant,
} from '../directory/token-directory.js';
import { Authenticator } from './authenticator.js';
import type { AccessTokenClaims, JwtVerifier } from './jwt-verifier.js';

const noon = Date.parse('2026-11-21T12:00:00Z');

class Rows extends TokenDirectory {
  readonly tokens = new Map<string, KnownScimToken>();
  readonly clients = new Map<string, KnownClient>();
  lookedUp = 0;
  broken = false;

  async scimToken(tokenId: string): Promise<KnownScimToken | undefined> {
    this.lookedUp += 1;
    if (this.broken) throw new Error('out of reach');
    return this.tokens.get(tokenId);
  }
  async client(clientId: string): Promise<KnownClient | undefined> {
    if (this.broken) throw new Error('out of reach');
    return this.clients.get(clientId);
  }
  async tenant(): Promise<KnownTenant | undefined> {
    return undefined;
  }
}

const start = () => {
  const rows = new Rows();
  const clock = { now: noon };
  const verified = { count: 0 };
  const tenant: KnownTenant = {
    tenantId: 'acme',
    status: 'active',
    settings: effectiveSettings({}),
    schemasRevision: 0,
  };
  const jwt = {
    verify: async (): Promise<AccessTokenClaims> => {
      verified.count += 1;
      return { client_id: 'c1', tenant: 'acme', scopes: ['scim'], ids: ['jwt-1', 'grant-1'], exp: noon / 1000 + 3600 };
    },
  } as unknown as JwtVerifier;
  const authenticator = new Authenticator(rows, jwt, { cachedProofs: 100, now: () => new Date(clock.now) });
  const { tokenId, token, hash } = newScimToken();
  const known = {
    tokenId,
    hash,
    expiresAt: new Date(noon + 60_000),
    revoked: false,
    scopes: ['scim'] as const,
    tenant,
  };
  rows.tokens.set(tokenId, known);
  rows.clients.set('c1', { clientId: 'c1', enabled: true, revoked: new Set(), tenant });
  return { rows, clock, verified, authenticator, tenant, token, known };
};
const refused = { status: 401 };

describe('a SCIM token', () => {
  it('stands for its tenant and scopes, and acts under its id', async () => {
    const { authenticator, token, known, tenant } = start();
    expect(await authenticator.authenticate(token)).toEqual({
      actor: { kind: 'token', id: known.tokenId },
      tenant,
      scopes: ['scim'],
    });
  });

  it('with a wrong checksum costs no look-up', async () => {
    const { authenticator, rows, token } = start();
    await expect(authenticator.authenticate(`${token.slice(0, -1)}!`)).rejects.toMatchObject(refused);
    expect(rows.lookedUp).toBe(0);
  });

  it('of a known id with another secret is refused', async () => {
    const { authenticator, rows, known } = start();
    const other = newScimToken();
    rows.tokens.set(other.tokenId, { ...known, tokenId: other.tokenId });
    await expect(authenticator.authenticate(other.token)).rejects.toMatchObject(refused);
  });

  it('that nobody issued is refused, and works as soon as it is issued', async () => {
    const { authenticator, rows, known } = start();
    const fresh = newScimToken();
    await expect(authenticator.authenticate(fresh.token)).rejects.toMatchObject(refused);
    rows.tokens.set(fresh.tokenId, { ...known, ...fresh });
    expect(await authenticator.authenticate(fresh.token)).toMatchObject({ actor: { id: fresh.tokenId } });
  });

  it('R14 is refused from its expiry on, also when it was just in use', async () => {
    const { authenticator, clock, token } = start();
    await authenticator.authenticate(token);
    clock.now = noon + 60_000;
    await expect(authenticator.authenticate(token)).rejects.toMatchObject(refused);
  });

  it('is refused once revoked, also when it was just in use', async () => {
    const { authenticator, rows, token, known } = start();
    await authenticator.authenticate(token);
    rows.tokens.set(known.tokenId, { ...known, revoked: true });
    await expect(authenticator.authenticate(token)).rejects.toMatchObject(refused);
  });
});

describe('a JWT', () => {
  it.each(['jwt-1', 'grant-1'])('RFC 7009 is refused when %s was revoked, and not for what else was', async (id) => {
    const { rows, authenticator, tenant } = start();
    const client = { clientId: 'c1', enabled: true, tenant };
    rows.clients.set('c1', { ...client, revoked: new Set(['jwt-2']) });
    await authenticator.authenticate('a.b.c');
    rows.clients.set('c1', { ...client, revoked: new Set(['jwt-2', id]) });
    await expect(authenticator.authenticate('a.b.c')).rejects.toMatchObject(refused);
  });

  it('is verified once; whether its client is alive is asked every time', async () => {
    const { authenticator, rows, verified, tenant } = start();
    for (let i = 0; i < 3; i += 1) await authenticator.authenticate('a.b.c');
    expect(verified.count).toBe(1);
    rows.clients.set('c1', { clientId: 'c1', enabled: false, revoked: new Set(), tenant });
    await expect(authenticator.authenticate('a.b.c')).rejects.toMatchObject(refused);
    rows.clients.delete('c1');
    await expect(authenticator.authenticate('a.b.c')).rejects.toMatchObject(refused);
  });

  it('is refused from its expiry on, give or take the skew of clocks', async () => {
    const { authenticator, clock } = start();
    await authenticator.authenticate('a.b.c');
    clock.now = noon + 3_629_999;
    await authenticator.authenticate('a.b.c');
    clock.now = noon + 3_630_000;
    await expect(authenticator.authenticate('a.b.c')).rejects.toMatchObject(refused);
  });

  it('whose client belongs to another tenant is refused', async () => {
    const { authenticator, rows, tenant } = start();
    rows.clients.set('c1', {
      clientId: 'c1',
      enabled: true,
      revoked: new Set(),
      tenant: { ...tenant, tenantId: 'other' },
    });
    await expect(authenticator.authenticate('a.b.c')).rejects.toMatchObject(refused);
  });
});

it('an off-boarded tenant has no credentials; a suspended one is told apart by the guard', async () => {
  const { authenticator, rows, token, known, tenant } = start();
  rows.tokens.set(known.tokenId, { ...known, tenant: { ...tenant, status: 'suspended' } });
  expect(await authenticator.authenticate(token)).toMatchObject({ tenant: { status: 'suspended' } });
  rows.tokens.set(known.tokenId, { ...known, tenant: { ...tenant, status: 'offboarded' } });
  await expect(authenticator.authenticate(token)).rejects.toMatchObject(refused);
});

it('a directory out of reach is 503, never an answer about the credential', async () => {
  const { authenticator, rows, token } = start();
  rows.broken = true;
  for (const credential of [token, 'a.b.c'])
    await expect(authenticator.authenticate(credential)).rejects.toMatchObject({ status: 503 });
});
