import type { CommandRunner, EventMetadata } from '#event-sourcing';
import { userStream } from './user-stream.js';

/** Destroys what a subject's events are sealed with. */
export interface SubjectKeyDestroyer {
  /** False when there was no key any more. */
  eraseSubject(tenantId: string, subjectId: string): Promise<boolean>;
}

export interface ErasureRequest {
  readonly tenantId: string;
  readonly userId: string;
  /** Deletes a live user first. */
  readonly force: boolean;
  readonly metadata: EventMetadata;
}

/** Makes a person unreadable for good (DESIGN §4). */
export class UserErasure {
  constructor(
    private readonly runner: CommandRunner,
    private readonly keys: SubjectKeyDestroyer,
  ) {}

  /**
   * Records `UserErased`, then destroys the key; resolves with the time of the record. What is cut off between the two is made whole by the
   * same call again, and history shows nothing personal from the record on. Errors: DomainError `resource-not-found`,
   * OperatorRefusal `resource-not-deleted`; those of CommandRunner.run.
   */
  async erase({ tenantId, userId, force, metadata }: ErasureRequest): Promise<Date | undefined> {
    const command = { type: 'EraseUser', data: { force } } as const;
    const { changedAt } = await this.runner.run(userStream, { tenantId, resourceId: userId, command, metadata });
    await this.keys.eraseSubject(tenantId, userId);
    return changedAt;
  }
}
