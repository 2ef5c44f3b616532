import { send, TenantClient, times } from '../e2e/clients.js';
import type { RunningSystem } from '../e2e/running-system.js';
import { Attack } from './attack.js';
import { Journal } from './attempts.js';
import { Desk, type Membership } from './desk.js';
import { contradictions } from './evidence.js';
import { Lane } from './lane.js';
import { planFaults } from './schedule.js';
import { SeededRandom } from './seeded-random.js';
import { errorsLogged, settled } from './settled.js';
import { SettledDatabase } from './settled-database.js';
import type { StoresOfARun } from './stores-of-a-run.js';
import { UnsteadyClient } from './unsteady-client.js';

export interface RoundOptions {
  readonly seed: number;
  readonly lengthMs: number;
  readonly tenants: number;
  readonly lanesPerTenant: number;
}

export interface RoundReport {
  readonly seed: number;
  /** Faults by kind and target. */
  readonly faults: Readonly<Record<string, number>>;
  readonly brokenCommits: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unanswered: number;
  readonly events: number;
  /** What is wrong; nothing when all promises held. */
  readonly faultsFound: readonly string[];
}

/** How long is written at the end while nobody follows the log. */
const UNSEEN_MS = 500;

/** Load, faults, quiet, verdict: on tenants of its own in a system that may have seen other rounds before. */
export const runRound = async (
  system: RunningSystem,
  stores: StoresOfARun,
  { seed, lengthMs, tenants: count, lanesPerTenant }: RoundOptions,
): Promise<RoundReport> => {
  const began = new Date().toISOString();
  const brokenBefore = stores.kafka.link.broken;
  const journal = new Journal();
  const tenants = await Promise.all(
    times(count).map((number) => TenantClient.create(system, undefined, `c-${seed}-${number}`)),
  );
  const lanes = await Promise.all(tenants.map((tenant) => lanesOf(tenant, { system, journal, seed, lanesPerTenant })));

  const over = new AbortController();
  const load = Promise.all(lanes.flat().map((lane) => lane.run(over.signal)));
  const attack = new Attack(system, stores, journal);
  const end = async () => {
    over.abort();
    await load;
  };
  try {
    await attack.run(planFaults(seed, lengthMs));
    await attack.whileNobodyFollows(async () => {
      await new Promise((go) => setTimeout(go, UNSEEN_MS));
      await end();
    });
  } finally {
    await end();
  }

  const database = new SettledDatabase(system.ownerDatabaseUrl);
  try {
    const ids = tenants.map(({ id }) => id);
    const events = await settled(system, database, ids);
    const found = await contradictions({ system, database, tenants, journal });
    return {
      seed,
      faults: Object.fromEntries([...attack.done].sort()),
      brokenCommits: stores.kafka.link.broken - brokenBefore,
      acknowledged: journal.count('acknowledged'),
      refused: journal.count('refused'),
      unanswered: journal.count('unknown'),
      events,
      faultsFound: [...journal.complaints, ...found, ...errorsLogged(system, began)],
    };
  } finally {
    attack.stop();
    await database.close();
  }
};

interface Club {
  readonly system: RunningSystem;
  readonly journal: Journal;
  readonly seed: number;
  readonly lanesPerTenant: number;
}

/** Clients of one tenant, in turn with a SCIM token and with an access token, and the group in which they meet. */
const lanesOf = async (
  tenant: TenantClient,
  { system, journal, seed, lanesPerTenant }: Club,
): Promise<readonly Lane[]> => {
  const tokens = [tenant.token, await accessToken(system, tenant.id)];
  const marker = `${tenant.id}-commons`;
  const commons = await tenant.group(marker);
  journal.record({ tenantId: tenant.id, lane: marker, effects: [`marker:${marker}`], outcome: 'acknowledged' });
  return times(lanesPerTenant).map((number) => {
    const name = `${tenant.id}-lane-${number}`;
    const random = new SeededRandom(seed, name);
    const token = tokens[number % tokens.length] ?? tenant.token;
    const complain = (what: string) => journal.complain(what);
    const client = new UnsteadyClient(system.scimApis, tenant.id, token, random, complain);
    const people: Membership = { id: commons, members: new Set(), known: new Set() };
    return new Lane(new Desk(name, client, random, people, journal));
  });
};

const accessToken = async (system: RunningSystem, tenantId: string): Promise<string> => {
  const { body: client } = await send(`${system.url}/admin/v1/tenants/${tenantId}/clients`, {
    method: 'POST',
    token: system.adminToken,
    headers: { 'content-type': 'application/json' },
    body: { name: 'chaos', grantTypes: ['client_credentials'], redirectUris: [] },
  });
  const credentials = Buffer.from(`${String(client['clientId'])}:${String(client['clientSecret'])}`).toString('base64');
  const { body } = await send(`${system.url}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/x-www-form-urlencoded' },
    raw: 'grant_type=client_credentials&scope=scim',
  });
  return String(body['access_token']);
};
