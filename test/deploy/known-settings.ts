/** Every setting the product reads; `known-settings.spec.ts` holds it against the definitions in libs/runtime. */
export const productSettings: ReadonlySet<string> = new Set([
  'PORT',
  'PUBLIC_URL',
  'DATA_DIR',
  'DATABASE_URL',
  'EVENT_LOG',
  'KURRENTDB_URL',
  'KURRENTDB_MAX_APPEND',
  'KAFKA_BROKERS',
  'KAFKA_SSL',
  'KAFKA_SASL_MECHANISM',
  'KAFKA_SASL_USERNAME',
  'KAFKA_SASL_PASSWORD',
  'KAFKA_PORT',
  'KAFKA_TOPIC_PREFIX',
  'KAFKA_PARTITIONS',
  'ADMIN_TOKEN',
  'MASTER_KEY',
  'MASTER_KEY_PREVIOUS',
  'AUTH_INTERNAL_URL',
  'ALLOW_INTERNAL_KEY_URLS',
  'ASYNC_REQUESTS_WAITING',
  'ASYNC_RESULT_HOURS',
  'REFUSALS_KEPT',
  'REFUSALS_KEPT_DAYS',
  'READ_WAIT_MS',
  'BODY_LIMIT',
  'GROUP_BODY_LIMIT',
  'TRUSTED_PROXIES',
  'LOG_LEVEL',
]);

/** Those whose value must never be readable in a pod spec. */
export const secretSettings: ReadonlySet<string> = new Set([
  'DATABASE_URL',
  'KURRENTDB_URL',
  'KAFKA_SASL_USERNAME',
  'KAFKA_SASL_PASSWORD',
  'ADMIN_TOKEN',
  'MASTER_KEY',
  'MASTER_KEY_PREVIOUS',
]);

/** Environment that belongs to node and not to the product. */
export const nodeSettings: ReadonlySet<string> = new Set(['NODE_EXTRA_CA_CERTS']);
