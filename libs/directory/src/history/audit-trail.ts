import {
  parseStreamName,
  streamName,
  type Actor,
  type EventLog,
  type Message,
  type StoredEvent,
  type StreamKind,
} from '#event-sourcing';
import { lastPlaceUntil, streamRange, tenantRange, type EventRange } from './event-range.js';
import { resourceKinds } from './resource-fold.js';

export interface AuditFilter {
  /** Id of a resource. */
  readonly resource?: string;
  /** Id of an actor, or `kind:id`. */
  readonly actor?: string;
  /** Not before. */
  readonly from?: Date;
  /** Not after. */
  readonly to?: Date;
}

/** Who changed what and when. Holds nothing personal, so that it stays whole after erasure. */
export interface AuditEntry {
  readonly time: Date;
  readonly actor: Actor;
  readonly requestId: string;
  readonly txn: string;
  readonly type: string;
  /** `type`: User, Group, the name of a resource type of the tenant's own, or Tenant. */
  readonly resource: { readonly type: string; readonly id: string };
  /** What is in the log was done; what was refused left no event. */
  readonly outcome: 'success';
  readonly paths: readonly string[];
  readonly eventId: string;
  readonly sequence: number;
  /** The event that caused this one, when a process and not a request did. */
  readonly causationId: string | undefined;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** The place of each entry: pass as `before` to go on after it. */
  readonly places: readonly number[];
  /** Where the page began: pass as `before` to see it again, whatever has happened since. */
  readonly start: number;
  /** Pass as `before` for the next page; undefined on the last one. A page may be short, or empty, and not be the last. */
  readonly next: number | undefined;
}

/** Events that one page looks at, at most: a filter that matches nothing costs no more than that. */
const MOST_SEEN = 5000;
const READ_AT_ONCE = 200;
/** By how much clocks of several processes may differ. */
const CLOCK_MARGIN_MS = 60_000;

/** The log of a tenant as auditors read it, newest first. */
export class AuditTrail {
  constructor(private readonly log: Pick<EventLog, 'head' | 'positions' | 'readTenant' | 'readStream'>) {}

  /** One page; `before` as the page before gave it in `next`. */
  async page(
    tenantId: string,
    filter: AuditFilter,
    { before, limit }: { readonly before?: number | undefined; readonly limit: number },
  ): Promise<AuditPage> {
    return pageOf(await this.range(tenantId, filter), filter, before, limit);
  }

  private range(tenantId: string, { resource }: AuditFilter): Promise<EventRange> {
    if (resource === undefined) return tenantRange(this.log, tenantId);
    const names = resourceKinds.map((kind) => streamName(kind, tenantId, resource));
    return streamRange(this.log, tenantId, names);
  }
}

const pageOf = async (
  range: EventRange,
  filter: AuditFilter,
  before: number | undefined,
  limit: number,
): Promise<AuditPage> => {
  const entries: AuditEntry[] = [];
  const places: number[] = [];
  const isOrdered = (filter.from ?? filter.to) !== undefined && (await range.risesWithTime());
  const to = isOrdered ? filter.to : undefined;
  let place = before === undefined ? await newest(range, to) : Math.min(before - 1, range.last);
  const start = place + 1;
  for (let left = MOST_SEEN; left > 0 && place > 0 && entries.length < limit;) {
    const count = Math.min(READ_AT_ONCE, left, place);
    const events = await range.read(place - count + 1, count);
    left -= count;
    for (const event of events.toReversed()) {
      if (isOrdered && isLongBefore(event, filter.from)) return { entries, places, start, next: undefined };
      place -= 1;
      const entry = entryOf(event);
      if (entry !== undefined && matches(entry, filter)) {
        entries.push(entry);
        places.push(place + 1);
      }
      if (entries.length === limit) break;
    }
  }
  return { entries, places, start, next: place > 0 ? place + 1 : undefined };
};

const newest = (range: EventRange, to: Date | undefined): Promise<number> | number =>
  to === undefined ? range.last : lastPlaceUntil(range, new Date(to.getTime() + CLOCK_MARGIN_MS));

const isLongBefore = ({ time }: StoredEvent, from: Date | undefined): boolean =>
  from !== undefined && time.getTime() < from.getTime() - CLOCK_MARGIN_MS;

const matches = ({ actor, time }: AuditEntry, filter: AuditFilter): boolean =>
  (filter.actor === undefined || filter.actor === actor.id || filter.actor === `${actor.kind}:${actor.id}`) &&
  (filter.from === undefined || time >= filter.from) &&
  (filter.to === undefined || time <= filter.to);

const resourceTypes = { user: 'User', group: 'Group', control: 'Tenant' } as const;

const resourceTypeOf = (kind: Exclude<StreamKind, 'claim'>, { data }: StoredEvent): string => {
  if (kind !== 'resource') return resourceTypes[kind];
  return typeof data['resourceType'] === 'string' ? data['resourceType'] : '';
};

/** Undefined for claims: they say again, by a hash, what the event beside them says. */
const entryOf = (event: StoredEvent): AuditEntry | undefined => {
  const { kind, id } = parseStreamName(event.streamName);
  if (kind === 'claim') return undefined;
  const { actor, requestId, txn, causationId } = event.metadata;
  return {
    time: event.time,
    actor,
    requestId,
    txn,
    type: event.type,
    resource: { type: resourceTypeOf(kind, event), id: kind === 'control' ? event.tenantId : id },
    outcome: 'success',
    paths: changedPaths(event),
    eventId: event.id,
    sequence: event.sequence,
    causationId,
  };
};

/** The paths that stand in the clear beside what is sealed, or follow from the type. */
export const changedPaths = ({ type, data }: Message): readonly string[] => {
  if (type === 'UserDeactivated' || type === 'UserReactivated') return ['active'];
  if (type === 'GroupMembersAdded' || type === 'GroupMembersRemoved') return ['members'];
  const paths: unknown = 'paths' in data ? data.paths : [];
  return Array.isArray(paths) ? paths.filter((path) => typeof path === 'string') : [];
};
