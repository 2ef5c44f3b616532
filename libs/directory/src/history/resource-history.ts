import {
  streamName,
  type CommandRunner,
  type EdgeIndex,
  type EdgeTarget,
  type EventStore,
  type Folded,
  type Recorded,
  type StoredEvent,
} from '#event-sourcing';
import type { Attributes } from '#scim';
import { isErasure } from '../directory-events.js';
import { OperatorRefusal } from '../operator-refusal.js';
import { lastPlaceUntil, streamRange } from './event-range.js';
import type { TypeOfResource } from '../resource/resource.js';
import { historyEntry, type HistoryEntry } from './history-entry.js';
import { foldResource, readableResource, resourceKinds, type AnyState, type ResourceKind } from './resource-fold.js';

/** Lets go of a subject's cached key. */
export interface SubjectKeyCache {
  forget(tenantId: string, subjectId: string): void;
}

export interface HistoryPage {
  readonly entries: readonly HistoryEntry[];
  /** Revision to go on after; undefined on the last page. */
  readonly next: number | undefined;
}

/** A resource at a moment of its past. */
export interface PastResource {
  readonly kind: ResourceKind;
  /** Of a resource of a tenant's own type. */
  readonly type: TypeOfResource | undefined;
  readonly id: string;
  readonly attributes: Attributes;
  /** Of users only. */
  readonly active: boolean | undefined;
  readonly revision: number;
  /** Tenant sequence of the last event that counts. */
  readonly sequence: number;
  readonly createdAt: Date;
  readonly changedAt: Date;
}

/** Where the members of a past moment go on. */
export interface MembersPlace {
  /** Tenant sequence that names the moment. */
  readonly sequence: number;
  /** The member before; `''` before the first. */
  readonly after: string;
}

export interface PastMembersRequest {
  readonly limit: number;
  /** Now when it is not given. */
  readonly time?: Date | undefined;
  /** The page goes on there, whatever the time. */
  readonly from?: MembersPlace | undefined;
}

export interface PastMembers {
  readonly members: readonly EdgeTarget[];
  /** Undefined on the last page. */
  readonly next: MembersPlace | undefined;
}

interface Found {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly isErased: boolean;
}

/** What became of one resource, from its stream: exact at the log's head, whatever the read models do. */
export class ResourceHistory {
  constructor(
    private readonly store: EventStore,
    private readonly edges: Pick<EdgeIndex, 'targets'>,
    private readonly keys: SubjectKeyCache,
    private readonly states: Pick<CommandRunner, 'read'>,
  ) {}

  /**
   * Events after revision `after`, oldest first. The values before a page are folded from the events before it. Throws DomainError
   * `resource-not-found`.
   */
  async page(
    tenantId: string,
    id: string,
    { after = -1, limit }: { readonly after?: number | undefined; readonly limit: number },
  ): Promise<HistoryPage> {
    const { kind, name, isErased } = await this.find(tenantId, id);
    const entries: HistoryEntry[] = [];
    let folded: Folded<AnyState> = await this.states.read(readableResource(kind), tenantId, id, {
      revision: after,
    });
    for await (const recorded of this.store.readStream(tenantId, name, { from: after + 1, to: after + limit + 1 })) {
      const next = foldResource(kind, folded, recorded);
      if (entries.length === limit) return { entries, next: folded.revision };
      entries.push(historyEntry(folded.state, recorded, next.state, isErased));
      folded = next;
    }
    return { entries, next: undefined };
  }

  /**
   * The resource as it was at that time, as it is when none is given. Throws OperatorRefusal `resource-not-found` where there was none then,
   * `resource-erased` where nobody can tell any more.
   */
  async at(tenantId: string, id: string, time?: Date): Promise<PastResource> {
    const { kind, isErased } = await this.find(tenantId, id);
    if (isErased) throw erased();
    const folded = await this.states.read(readableResource(kind), tenantId, id, time === undefined ? {} : { time });
    if (folded.erased) throw erased();
    return { ...present(folded), kind, id, sequence: folded.sequence };
  }

  /**
   * Members of a group as it was, a page of them ordered by id. Those that were deleted count until their loss is recorded. The moment is
   * looked up by a few events of the stream, and the pages after the first carry it. A page passes over the edges that came later or had gone
   * before. Throws as `at`.
   */
  async members(tenantId: string, id: string, { limit, time, from }: PastMembersRequest): Promise<PastMembers> {
    const { kind, name, isErased } = await this.find(tenantId, id);
    if (isErased) throw erased();
    const { sequence, after } = from ?? { sequence: await this.sequenceAt(tenantId, name, time), after: '' };
    if (kind === 'user') return { members: [], next: undefined };
    const page = await this.edges.targets(tenantId, id, { limit, after, asOf: sequence });
    return { members: page.targets, next: page.next === undefined ? undefined : { sequence, after: page.next } };
  }

  /** The last event of a resource that counts at a time, the last there is when none is given. */
  private async sequenceAt(tenantId: string, name: string, time: Date | undefined): Promise<number> {
    const range = await streamRange(this.store.log, tenantId, [name]);
    const place = time === undefined ? range.last : await lastPlaceUntil(range, time);
    const [last] = place === 0 ? [] : await range.read(place, 1);
    if (last === undefined) throw notYet();
    if (isDeletion(last)) throw deleted();
    return last.sequence;
  }

  private async find(tenantId: string, id: string): Promise<Found> {
    const names = resourceKinds.map((kind) => [kind, streamName(kind, tenantId, id)] as const);
    const positions = await this.store.log.positions(
      tenantId,
      names.map(([, name]) => name),
    );
    for (const [kind, name] of names) {
      const position = positions.get(name);
      if (position !== undefined)
        return { kind, name, isErased: await this.isErased(tenantId, { id, name, revision: position.revision }) };
    }
    throw new OperatorRefusal('resource-not-found', 'There is no resource with this id.');
  }

  /** Erasure is the last thing that happens to anybody. Another process may have done it: its key may still be at hand here. */
  private async isErased(
    tenantId: string,
    { id, name, revision }: Pick<Recorded, 'revision'> & { readonly id: string; readonly name: string },
  ): Promise<boolean> {
    const [last] = await this.store.log.readStream(tenantId, name, { from: revision, limit: 1 });
    if (last === undefined || !isErasure(last)) return false;
    this.keys.forget(tenantId, id);
    return true;
  }
}

const present = ({ state, revision, createdAt, changedAt }: Folded<AnyState>) => {
  if (state.status === 'absent' || createdAt === undefined || changedAt === undefined) throw notYet();
  if (state.status === 'deleted') throw deleted();
  const { attributes } = state;
  return {
    attributes,
    type: 'type' in state ? state.type : undefined,
    active: 'active' in state ? state.active : undefined,
    revision,
    createdAt,
    changedAt,
  };
};

const isDeletion = ({ type }: StoredEvent): boolean => type === 'UserDeleted' || type === 'GroupDeleted';

const notYet = () => new OperatorRefusal('resource-not-found', 'The resource was not made yet at that time.');
const deleted = () => new OperatorRefusal('resource-not-found', 'The resource was deleted at that time.');
const erased = () =>
  new OperatorRefusal('resource-erased', 'The resource was erased: what it was cannot be read any more.');
