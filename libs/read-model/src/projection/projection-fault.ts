/** Why an event cannot be applied; the code goes to operators, metrics and the parked row. Never holds personal data. */
export type ProjectionFaultCode =
  'row-missing' | 'unknown-event' | 'unreadable-event' | 'refused-by-database' | 'handler-failed';

/** An event that cannot be applied. It parks its tenant: a recorded fact is never skipped (DESIGN §5). */
export class ProjectionFault extends Error {
  override readonly name = 'ProjectionFault';

  constructor(
    readonly code: ProjectionFaultCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
