import {
  CommandRunner,
  DomainError,
  EventStore,
  StreamFolder,
  streamName,
  type CommandRequest,
  type CommandResult,
  type CommandRunnerOptions,
  type EventCatalogue,
  type EventMetadata,
  type InMemoryEventLog,
  type Message,
  type Sealer,
  type SnapshotPolicy,
  type StreamType,
} from '#event-sourcing';

/** A toy domain that needs all a stream type can do: clubs with a unique, personal name and any number of members. */
export type ClubCommand =
  | Message<'Found', { name: string }>
  | Message<'Rename', { name: string }>
  | Message<'Join', { ids: readonly string[] }>
  | Message<'Leave', { ids: readonly string[] }>
  | Message<'Dissolve'>;

export const clubCommands = {
  found: (name = 'Chess'): ClubCommand => ({ type: 'Found', data: { name } }),
  rename: (name: string): ClubCommand => ({ type: 'Rename', data: { name } }),
  join: (...ids: string[]): ClubCommand => ({ type: 'Join', data: { ids } }),
  leave: (...ids: string[]): ClubCommand => ({ type: 'Leave', data: { ids } }),
  dissolve: { type: 'Dissolve', data: {} } as ClubCommand,
};

export type ClubEvent =
  | Message<'ClubFounded', { name: string }>
  | Message<'ClubRenamed', { name: string }>
  | Message<'MembersJoined', { ids: readonly string[] }>
  | Message<'MembersLeft', { ids: readonly string[] }>
  | Message<'ClubDissolved'>;

export type ClubState = Readonly<{ status: 'absent' } | { status: 'present'; name: string } | { status: 'dissolved' }>;

export const clubEvents: EventCatalogue = {
  ClubFounded: { schemaVersion: 1, sealed: { name: 'a forgotten club' } },
  ClubRenamed: { schemaVersion: 1, sealed: { name: 'a forgotten club' } },
  MembersJoined: { schemaVersion: 1, sealed: {} },
  MembersLeft: { schemaVersion: 1, sealed: {} },
  ClubDissolved: { schemaVersion: 1, sealed: {} },
  ClaimTaken: { schemaVersion: 1, sealed: {} },
  ClaimReleased: { schemaVersion: 1, sealed: {} },
};

const decide = (command: ClubCommand, state: ClubState, members: ReadonlySet<string>): readonly ClubEvent[] => {
  if (command.type === 'Found') {
    if (state.status !== 'absent') throw new DomainError('club-exists', 'There is such a club.');
    return [{ type: 'ClubFounded', data: command.data }];
  }
  if (state.status !== 'present') throw new DomainError('no-such-club', 'There is no such club.');
  switch (command.type) {
    case 'Rename':
      return command.data.name === state.name ? [] : [{ type: 'ClubRenamed', data: command.data }];
    case 'Join': {
      const ids = command.data.ids.filter((id) => !members.has(id));
      return ids.length === 0 ? [] : [{ type: 'MembersJoined', data: { ids } }];
    }
    case 'Leave': {
      const ids = command.data.ids.filter((id) => members.has(id));
      return ids.length === 0 ? [] : [{ type: 'MembersLeft', data: { ids } }];
    }
    case 'Dissolve':
      return [{ type: 'ClubDissolved', data: {} }];
  }
};

const evolve = (state: ClubState, event: ClubEvent): ClubState => {
  switch (event.type) {
    case 'ClubFounded':
    case 'ClubRenamed':
      return { status: 'present', name: event.data.name };
    case 'ClubDissolved':
      return { status: 'dissolved' };
    default:
      return state;
  }
};

/** Clubs on that log. Whoever joins must be a user that is there when the event is appended. */
export const clubStream = (
  log: Pick<InMemoryEventLog, 'edges'>,
): StreamType<ClubState, ClubCommand, ClubEvent, Set<string>> => ({
  kind: 'group',
  decider: { initialState: () => ({ status: 'absent' }), decide, evolve },
  stateVersion: 1,
  facts: {
    load: async (tenantId, clubId, commands) =>
      new Set(
        await log.edges.among(
          tenantId,
          clubId,
          commands.flatMap((c) => ('ids' in c.data ? c.data.ids : [])),
        ),
      ),
    follow: (members, event) => {
      if (event.type === 'MembersJoined') for (const id of event.data.ids) members.add(id);
      if (event.type === 'MembersLeft') for (const id of event.data.ids) members.delete(id);
      return members;
    },
    guards: (tenantId, events) =>
      events.flatMap((event) =>
        event.type === 'MembersJoined'
          ? event.data.ids.map((id) => ({ tenantId, streamName: streamName('user', tenantId, id) }))
          : [],
      ),
  },
  claims: (state) => (state.status === 'present' ? [{ kind: 'name', value: state.name.toLowerCase() }] : []),
  isClosed: (state) => state.status === 'dissolved',
});

/** What became of several commands: `done`, or the code of the error. */
export const codes = (results: readonly PromiseSettledResult<unknown>[]): readonly string[] =>
  results.map((result) => (result.status === 'fulfilled' ? 'done' : (result.reason as { code: string }).code));

/** Puts streams of users there, for clubs to have members. */
export const withUsers = async (log: InMemoryEventLog, ids: readonly string[]): Promise<void> => {
  const made = { type: 'UserCreated', schemaVersion: 1, data: {}, metadata: someMetadata(), time: new Date(0) };
  await log.append({
    streams: ids.map((id) => ({
      tenantId: 'acme',
      streamName: streamName('user', 'acme', id),
      expected: 'no-stream',
      events: [{ ...made, id: `user-${id}` }],
    })),
  });
};

export const someMetadata = (requestId = 'request'): EventMetadata => ({
  actor: { kind: 'system', id: 'spec' },
  requestId,
  correlationId: requestId,
  txn: requestId,
});

/** One process on a log that others may share. Its clock stands still, and waiting takes no time. */
export const processOn = (
  log: InMemoryEventLog,
  sealer: Sealer,
  options: Partial<CommandRunnerOptions> = {},
  policy?: SnapshotPolicy,
): {
  store: EventStore;
  folder: StreamFolder;
  runner: CommandRunner;
  run: (club: string, command: ClubCommand, more?: RequestOptions) => RunResult;
} => {
  let made = 0;
  const id = `${(processes += 1)}`;
  const store = new EventStore(log, sealer, clubEvents, () => `event-${id}-${(made += 1)}`, edgesOf);
  const folder = new StreamFolder(store, sealer, policy);
  const runner = new CommandRunner(store, sealer, { ...stillOptions, ...options }, folder);
  const type = clubStream(log);
  return {
    store,
    folder,
    runner,
    run: (resourceId, command, { tenantId = 'acme', ...more } = {}) =>
      runner.run(type, { tenantId, resourceId, command, metadata: someMetadata(), ...more }),
  };
};

type RequestOptions = Partial<Pick<CommandRequest<ClubCommand>, 'tenantId' | 'metadata' | 'precondition' | 'isNew'>>;
type RunResult = Promise<CommandResult<ClubState, ClubEvent>>;

let processes = 0;

const stillOptions: CommandRunnerOptions = {
  retryForMs: 5_000,
  maxBatch: 256,
  cachedStates: 100,
  delay: () => Promise.resolve(),
  random: () => 0.5,
  now: () => new Date('2026-01-01T00:00:00Z'),
  monotonicMs: () => 0,
};

const edgesOf: ConstructorParameters<typeof EventStore>[4] = (message, source) => {
  const event = message as ClubEvent;
  switch (event.type) {
    case 'MembersJoined':
      return { kind: 'added', source, targets: event.data.ids.map((id) => ({ id, kind: 'User' })) };
    case 'MembersLeft':
      return { kind: 'removed', source, targetIds: event.data.ids };
    case 'ClubDissolved':
      return { kind: 'source-gone', source };
    default:
      return undefined;
  }
};
