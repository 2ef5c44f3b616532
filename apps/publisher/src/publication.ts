import { endedMemberships, translate, type PublisherPosition } from '#contracts';
import { directoryEvents, isDirectoryEvent, type DirectoryEvent } from '#directory';
import { parseStreamName, type EdgeIndex, type Recorded } from '#event-sourcing';
import type { EndOfTenant } from './end-of-tenant.js';
import type { Part } from './part.js';
import type { ResourceStates } from './resource-states.js';

const MEMBERS_PER_PART = 500;

type GroupDeleted = Recorded<Extract<DirectoryEvent, { type: 'GroupDeleted' }>>;

/** A newer release wrote the event. What it changes cannot be told, and what follows it must not be told without it. */
export class UnknownEvent extends Error {
  readonly code = 'unknown-event';
  constructor({ eventId, event, schemaVersion }: Recorded) {
    super(`Event ${eventId} is of a type this release does not know: ${event.type}, version ${schemaVersion}.`);
    this.name = 'UnknownEvent';
  }
}

/** What the public hears of an event of the log. */
export class Publication {
  constructor(
    private readonly states: ResourceStates,
    private readonly edges: Pick<EdgeIndex, 'targets'>,
    private readonly endOfTenant: EndOfTenant,
  ) {}

  /**
   * The event's records from the tenant's position on, in parts that are published one after the other. One part for most events; the end
   * of a group of 1,000,000, or of a tenant, has many, and a position within the event after each. Throws UnknownEvent.
   */
  async *partsOf(recorded: Recorded, reached: PublisherPosition): AsyncGenerator<Part> {
    const position = { sequence: recorded.sequence };
    if (reached.ended === true)
      yield { records: [], position: { ...position, ended: true } }; // a write that was under way when the tenant was erased
    else if (recorded.event.type === 'TenantErased') {
      this.states.forget(recorded.tenantId);
      yield* this.endOfTenant.parts(recorded, reached);
    } else if (isUnknown(recorded)) throw new UnknownEvent(recorded);
    else if (!isRecordedOfDirectory(recorded))
      yield { records: [], position }; // claims and the control plane stay inside
    else if (isGroupDeleted(recorded)) yield* this.endOfGroup(recorded, reached);
    else yield { records: translate(recorded, await this.states.after(recorded)), position };
  }

  private async *endOfGroup(recorded: GroupDeleted, reached: PublisherPosition): AsyncGenerator<Part> {
    const { tenantId, resourceId, sequence } = recorded;
    let { offset = 0, after } = reached;
    let isLast = false;
    while (!isLast) {
      const first = offset === 0 ? translate(recorded, await this.states.after(recorded)) : [];
      const { targets, next } = await this.edges.targets(tenantId, resourceId, {
        limit: MEMBERS_PER_PART,
        asOf: sequence,
        ...(after === undefined ? {} : { after }),
      });
      const records = [...first, ...endedMemberships(recorded, targets)];
      isLast = next === undefined;
      offset += targets.length;
      after = next;
      yield { records, position: after === undefined ? { sequence } : { sequence: sequence - 1, offset, after } };
    }
  }
}

/** Of a user or group, and beyond the catalogue. */
const isUnknown = ({ streamName, event, schemaVersion }: Recorded): boolean => {
  const { kind } = parseStreamName(streamName);
  if (kind !== 'user' && kind !== 'group') return false;
  return !isDirectoryEvent(event) || schemaVersion > directoryEvents[event.type].schemaVersion;
};
const isRecordedOfDirectory = (recorded: Recorded): recorded is Recorded<DirectoryEvent> =>
  isDirectoryEvent(recorded.event);
const isGroupDeleted = (recorded: Recorded<DirectoryEvent>): recorded is GroupDeleted =>
  recorded.event.type === 'GroupDeleted';
