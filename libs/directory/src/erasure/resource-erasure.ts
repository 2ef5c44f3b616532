import { streamName, type CommandRunner, type EdgeIndex, type EventLog, type EventMetadata } from '#event-sourcing';
import { groupStream } from '../group/group-stream.js';
import type { ResourceKind } from '../history/resource-fold.js';
import { OperatorRefusal } from '../operator-refusal.js';
import { resourceStream } from '../resource/resource-stream.js';
import { userStream } from '../user/user-stream.js';

/** Destroys what a subject's events are sealed with. */
export interface SubjectKeyDestroyer {
  /** False when there was no key any more. */
  eraseSubject(tenantId: string, subjectId: string): Promise<boolean>;
}

export interface ErasureRequest {
  readonly tenantId: string;
  readonly resourceId: string;
  /** Deletes a live resource first. */
  readonly force: boolean;
  readonly metadata: EventMetadata;
}

/** The deletions after which there is something to erase. */
export const deletions: ReadonlySet<string> = new Set(['UserDeleted', 'GroupDeleted', 'ResourceDeleted']);

type RecordErasure = (request: ErasureRequest) => Promise<{ readonly changedAt: Date | undefined }>;

/** Makes a person, or whatever else a resource is of, unreadable for good (DESIGN §4). */
export class ResourceErasure {
  private readonly record: Readonly<Record<ResourceKind, RecordErasure>>;

  constructor(
    runner: CommandRunner,
    private readonly log: Pick<EventLog, 'positions'>,
    edges: Pick<EdgeIndex, 'among' | 'targets'>,
    private readonly keys: SubjectKeyDestroyer,
  ) {
    const groups = groupStream(log, edges);
    this.record = {
      user: ({ force, ...to }) => runner.run(userStream, { ...to, command: { type: 'EraseUser', data: { force } } }),
      group: ({ force, ...to }) => runner.run(groups, { ...to, command: { type: 'EraseGroup', data: { force } } }),
      resource: ({ force, ...to }) =>
        runner.run(resourceStream, { ...to, command: { type: 'EraseResource', data: { force } } }),
    };
  }

  /**
   * Records the erasure, then destroys the key; resolves with the time of the record. What is cut off between the two is made whole by the
   * same call again, and history shows nothing personal from the record on. Errors: OperatorRefusal `resource-not-found`,
   * `resource-not-deleted`; those of CommandRunner.run.
   */
  async erase(request: ErasureRequest): Promise<Date | undefined> {
    const { tenantId, resourceId } = request;
    const { changedAt } = await this.record[await this.kindOf(tenantId, resourceId)](request);
    await this.keys.eraseSubject(tenantId, resourceId);
    return changedAt;
  }

  private async kindOf(tenantId: string, id: string): Promise<ResourceKind> {
    const names = new Map(
      (Object.keys(this.record) as ResourceKind[]).map((kind) => [streamName(kind, tenantId, id), kind]),
    );
    const [found] = (await this.log.positions(tenantId, [...names.keys()])).keys();
    const kind = found === undefined ? undefined : names.get(found);
    if (kind === undefined) throw new OperatorRefusal('resource-not-found', 'There is no resource with this id.');
    return kind;
  }
}
