/** What one bulk request may hold (R110): published in ServiceProviderConfig, and enforced. */
export class BulkLimits {
  readonly maxOperations = 1_000;

  /** `maxPayloadSize`: in bytes; what HTTP lets through anyway. */
  constructor(readonly maxPayloadSize: number) {}
}
