import { randomUUID } from 'node:crypto';
import {
  directoryEvents,
  groupStream,
  membershipEdges,
  userStream,
  type GroupCommand,
  type UserCommand,
} from '#directory';
import { CommandRunner, EventStore, InMemoryEventLog, type Recorded } from '#event-sourcing';
import { controlStream, tenancyEvents, TenantRegistry, type ControlCommand } from '#tenancy';
import { InMemorySealer, someMetadata } from '#testing';
import { definitionsOf } from './own-definitions.js';
import { openExport } from './export-reader.js';
import { TenantImport, type Imported } from './tenant-import.js';
import { tenantExport } from './tenant-export.js';

/** An installation in memory, with what an operator and a client do to it. */
export const createInstallation = () => {
  const log = new InMemoryEventLog();
  const sealer = new InMemorySealer();
  const store = new EventStore(
    log,
    sealer,
    { ...directoryEvents, ...tenancyEvents },
    () => randomUUID(),
    membershipEdges,
  );
  let clock = Date.parse('2026-01-01T00:00:00Z');
  const now = () => new Date((clock += 1000));
  const runner = new CommandRunner(store, sealer, {
    retryForMs: 5000,
    maxBatch: 64,
    cachedStates: 1000,
    delay: async () => undefined,
    random: () => 0,
    now,
    monotonicMs: () => 0,
  });
  const groups = groupStream(log, log.edges);
  const held: string[] = [];
  const metadata = someMetadata();
  const importer = (tenantId: string, atOnce?: number) =>
    new TenantImport(
      {
        stores: { store, log, edges: log.edges, sealer },
        control: (of, command, by) =>
          runner.run(controlStream, { tenantId: of, resourceId: '', command, metadata: by }),
        lostMembers: {
          seize: async (of) => void held.push(of),
          release: async () => void held.splice(0),
        },
        now,
        advanced: () => undefined,
      },
      tenantId,
      atOnce,
    );
  return {
    log,
    sealer,
    store,
    runner,
    /** Tenants whose lost members nobody records for the time being. */
    held,
    tenant: (tenantId: string) => new TenantRegistry(store, now).create({ tenantId, displayName: 'Test' }, metadata),
    control: (tenantId: string, command: ControlCommand) =>
      runner.run(controlStream, { tenantId, resourceId: '', command, metadata }),
    user: (tenantId: string, resourceId: string, command: UserCommand) =>
      runner.run(userStream, { tenantId, resourceId, command, metadata }),
    group: (tenantId: string, resourceId: string, command: GroupCommand) =>
      runner.run(groups, { tenantId, resourceId, command, metadata }),
    importer,
    async export(tenantId: string, exportId: string = randomUUID()): Promise<string> {
      const lastSequence = await log.head(tenantId);
      const { state } = await runner.read(controlStream, tenantId, '');
      const scope = {
        exportId,
        tenantId,
        exportedAt: new Date(0).toISOString(),
        lastSequence,
        ...definitionsOf(state),
      };
      let text = '';
      for await (const lines of tenantExport(store, scope, () => undefined)) text += lines;
      return text;
    },
    async import(tenantId: string, text: string, atOnce?: number): Promise<Imported> {
      return importer(tenantId, atOnce).run(await openExport(bytesOf(text)));
    },
    async check(tenantId: string, text: string): Promise<void> {
      return importer(tenantId, 1).check(await openExport(bytesOf(text)));
    },
    /** Resources as the log tells of them, without where they stand in it. */
    async told(tenantId: string) {
      const events = await store.readTenant(tenantId, 0, Number.MAX_SAFE_INTEGER);
      return events.filter(({ streamName }) => /^(user|group|resource)-/.test(streamName)).map(withoutPlace);
    },
    sequences: async (tenantId: string) =>
      (await log.readTenant(tenantId, 0, Number.MAX_SAFE_INTEGER)).map(({ sequence }) => sequence),
  };
};

export type Installation = ReturnType<typeof createInstallation>;

const withoutPlace = ({ tenantId: _, sequence: __, streamName, ...event }: Recorded) => ({
  ...event,
  kind: streamName.slice(0, streamName.indexOf('-')),
});

/** In pieces that end anywhere, as files and pipes give them. */
export async function* bytesOf(text: string, size = 1000): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

export const createUser = (userName: string, more: object = {}): UserCommand => ({
  type: 'CreateUser',
  data: { attributes: { userName, ...more }, active: true },
});

export const createGroup = (displayName: string, ...ids: readonly string[]): GroupCommand => ({
  type: 'CreateGroup',
  data: { attributes: { displayName }, members: { kind: 'replace', members: ids.map((value) => ({ value })) } },
});
