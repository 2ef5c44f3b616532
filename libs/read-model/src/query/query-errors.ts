/** The read model has not reached the log's head in time: 503 with Retry-After, never a stale answer (DESIGN §1). */
export class ReadModelBehind extends Error {
  override readonly name = 'ReadModelBehind';
  readonly code = 'read-model-behind';

  constructor() {
    super('The latest changes are not readable yet; try again.');
  }
}

/** The tenant's read model stands still at an event that cannot be applied: 503 that names the event. */
export class ReadModelParked extends Error {
  override readonly name = 'ReadModelParked';
  readonly code = 'read-model-parked';

  constructor(readonly eventId: string) {
    super(
      `Queries wait for an operator: the event ${eventId} cannot be applied to the read model. Nothing is lost, changes go on.`,
    );
  }
}

/** The query looked at too much: 400 `tooMany` (RFC 7644 §3.4.2.1). */
export class QueryTooCostly extends Error {
  override readonly name = 'QueryTooCostly';
  readonly code = 'query-too-costly';

  constructor(options?: ErrorOptions) {
    super(
      'The query takes too long. Filter with "eq" on id, userName, externalId, displayName, emails.value or members, have the attribute indexed for the tenant, or page by cursor.',
      options,
    );
  }
}
