/** How to reach the brokers. Secrets in it are never logged. */
export interface KafkaOptions {
  /** `host:port` each; the first that answers names the others. A function is asked at each connection, and may throw as long as it knows none. */
  readonly brokers: readonly string[] | (() => readonly string[]);
  readonly clientId: string;
  /** TLS with the system's authorities (`true`) or with these, in PEM. */
  readonly ssl?: true | { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  /** How long one operation (open, send, commit, read) may take before it counts as failed; 15 s unless told. */
  readonly operationTimeoutMs?: number;
}

/** The part of a pino logger that is used here. */
export interface KafkaLog {
  debug(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLog: KafkaLog = { debug: () => {}, warn: () => {}, error: () => {} };
