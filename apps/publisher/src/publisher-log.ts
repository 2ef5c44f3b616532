/** The part of a pino logger that is used here. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Says once that publishing waits and once that it goes on, however many parts of it try how often. */
export class PublisherLog {
  private readonly troubled = new Set<string>();

  constructor(
    private readonly log: Log,
    private readonly waiting: { set(value: 0 | 1): void },
  ) {}

  /** Whether any part is held up. */
  get isWaiting(): boolean {
    return this.troubled.size > 0;
  }

  failed(part: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (this.isWaiting) this.log.debug({ part, reason }, 'publishing still waits');
    else
      this.log.warn(
        { part, reason },
        'publishing waits: it goes on where it stopped as soon as it can, and nothing is lost',
      );
    this.troubled.add(part);
    this.waiting.set(1);
  }

  recovered(part: string): void {
    if (!this.troubled.delete(part) || this.isWaiting) return;
    this.waiting.set(0);
    this.log.info({ part }, 'publishing goes on');
  }

  parked(tenantId: string, error: unknown): void {
    this.log.error({ err: error, tenantId }, "a tenant's next event cannot be published; only this tenant waits");
  }

  differs(topic: string, setting: string, wanted: string, actual: string): void {
    this.log.warn({ topic, setting, wanted, actual }, 'a topic differs from what Rollcall would have made');
  }
}
