import { beforeEach, describe, expect, it } from '@jest/globals';
import { InMemoryEventLog, streamName, type Actor } from '#event-sourcing';
import { AuditTrail, type AuditFilter } from './audit-trail.js';

const okta: Actor = { kind: 'token', id: 'okta' };
const entra: Actor = { kind: 'client', id: 'entra' };
const second = (n: number): Date => new Date(Date.UTC(2026, 10, 21, 12, 0, n));

/** Counts what is read. */
class CountingLog extends InMemoryEventLog {
  read = 0;

  override async readTenant(tenantId: string, after: number, limit: number) {
    const events = await super.readTenant(tenantId, after, limit);
    this.read += events.length;
    return events;
  }
}

let log: CountingLog;
let trail: AuditTrail;

beforeEach(() => {
  log = new CountingLog();
  trail = new AuditTrail(log);
});

/** Event `e{n}` at second n. */
const happened = async (n: number, name: string, type: string, { actor = okta, data = {} } = {}) =>
  log.append({
    streams: [
      {
        tenantId: 'acme',
        streamName: name,
        expected: 'any',
        events: [
          {
            id: `e${n}`,
            type,
            schemaVersion: 1,
            data,
            metadata: { actor, requestId: `r${n}`, correlationId: `r${n}`, txn: `t${n}` },
            time: second(n),
          },
        ],
      },
    ],
  });

const user = streamName('user', 'acme', 'u1');
const ids = async (filter: AuditFilter) =>
  (await trail.page('acme', filter, { limit: 100 })).entries.map(({ eventId }) => eventId);

const someDays = async () => {
  await happened(1, streamName('control', 'acme', ''), 'TenantRegistered');
  await happened(2, user, 'UserCreated', { data: { sealed: 'x', active: true } });
  await happened(3, streamName('claim', 'acme', 'username-1f'), 'ClaimTaken', { data: { resourceId: 'u1' } });
  await happened(4, streamName('group', 'acme', 'g1'), 'GroupCreated', { actor: entra, data: { sealed: 'x' } });
  await happened(5, user, 'UserAttributesChanged', { actor: entra, data: { sealed: 'x', paths: ['name.givenName'] } });
  await happened(6, user, 'UserDeactivated');
};

describe('the audit of a tenant', () => {
  beforeEach(someDays);

  it('is newest first, and leaves out claims', async () =>
    expect(await ids({})).toEqual(['e6', 'e5', 'e4', 'e2', 'e1']));

  it('says who changed what, when and by which request, and no value', async () => {
    const { entries } = await trail.page('acme', {}, { limit: 2 });
    expect(entries[1]).toEqual({
      time: second(5),
      actor: entra,
      requestId: 'r5',
      txn: 't5',
      type: 'UserAttributesChanged',
      resource: { type: 'User', id: 'u1' },
      outcome: 'success',
      paths: ['name.givenName'],
      eventId: 'e5',
      sequence: 5,
      causationId: undefined,
    });
    expect(entries[0]?.paths).toEqual(['active']);
  });

  it.each<[string, AuditFilter, readonly string[]]>([
    ['one resource', { resource: 'u1' }, ['e6', 'e5', 'e2']],
    ['a resource nobody knows', { resource: 'u2' }, []],
    ['one actor', { actor: 'entra' }, ['e5', 'e4']],
    ['one actor by kind', { actor: 'client:entra' }, ['e5', 'e4']],
    ['an actor of another kind', { actor: 'token:entra' }, []],
    ['a time on', { from: second(5) }, ['e6', 'e5']],
    ['until a time', { to: second(4) }, ['e4', 'e2', 'e1']],
    ['a resource, an actor and a time', { resource: 'u1', actor: 'okta', from: second(2), to: second(5) }, ['e2']],
  ])('of %s', async (_, filter, expected) => expect(await ids(filter)).toEqual(expected));

  it('of another tenant is empty', async () =>
    expect(await trail.page('globex', {}, { limit: 9 })).toMatchObject({ entries: [], next: undefined }));

  it('shows each event once, page by page, while others write', async () => {
    const seen: string[] = [];
    let before: number | undefined;
    do {
      const page = await trail.page('acme', {}, { limit: 2, before });
      seen.push(...page.entries.map(({ eventId }) => eventId));
      before = page.next;
      await happened(10 + seen.length, user, 'UserReactivated');
    } while (before !== undefined);
    expect(seen).toEqual(['e6', 'e5', 'e4', 'e2', 'e1']);
  });

  it('tells the place of each event, from which to go on', async () => {
    const { entries, places, start } = await trail.page('acme', { actor: 'okta' }, { limit: 9 });
    const again = await trail.page('acme', { actor: 'okta' }, { limit: 9, before: start });
    expect(again.entries).toEqual(entries);
    const rest = await trail.page('acme', { actor: 'okta' }, { limit: 9, before: places[0] });
    expect(rest.entries).toEqual(entries.slice(1));
    const ofUser = await trail.page('acme', { resource: 'u1' }, { limit: 9 });
    const older = await trail.page('acme', { resource: 'u1' }, { limit: 9, before: ofUser.places[1] });
    expect(older.entries).toEqual(ofUser.entries.slice(2));
  });
});

it('between two times shows everything of a tenant that took in events of the past', async () => {
  const control = streamName('control', 'acme', '');
  await happened(7000, control, 'TenantCreated');
  await happened(7001, control, 'DirectoryImportBegun');
  await happened(1, user, 'UserCreated', { data: { sealed: 'x', active: true } });
  await happened(2, user, 'UserDeactivated');
  await happened(7002, control, 'DirectoryImportEnded');
  await happened(7003, streamName('user', 'acme', 'u2'), 'UserCreated', { data: { sealed: 'x', active: true } });
  expect(await ids({ from: second(7000) })).toEqual(['e7003', 'e7002', 'e7001', 'e7000']);
  expect(await ids({ to: second(3) })).toEqual(['e2', 'e1']);
});

describe('one page of a long log', () => {
  const LENGTH = 12_000;

  beforeEach(async () => {
    for (let n = 1; n <= LENGTH; n += 1) await happened(n, user, 'UserReactivated');
    log.read = 0;
  });

  it('looks at 5,000 events at most, and the next page goes on there', async () => {
    const nobody = { actor: 'nobody' };
    const first = await trail.page('acme', nobody, { limit: 50 });
    expect(first).toMatchObject({ entries: [], next: LENGTH - 5000 + 1 });
    expect(log.read).toBe(5000);
    const third = await trail.page('acme', nobody, { limit: 50, before: LENGTH - 10_000 + 1 });
    expect(third.next).toBeUndefined();
  });

  it('finds a time without reading what is after it, and stops before what is too old', async () => {
    const { entries, next } = await trail.page('acme', { from: second(50), to: second(55) }, { limit: 50 });
    expect(entries.map(({ sequence }) => sequence)).toEqual([55, 54, 53, 52, 51, 50]);
    expect(next).toBeUndefined();
    expect(log.read).toBeLessThan(300);
  });
});
