import { isIP } from 'node:net';
import { z } from 'zod';

/** How Rollcall is started: everything in one process on embedded stores, or one service against given ones. */
export type Service = 'standalone' | 'auth' | 'scim-api' | 'projector' | 'publisher' | 'cli';

export interface SettingDefinition<Value = unknown> {
  readonly meaning: string;
  /** What is allowed, in words: it is what an operator reads when the value is refused. */
  readonly allowed: string;
  /** What holds when it is unset, in words. */
  readonly unset: string;
  readonly schema: z.ZodType<Value>;
  readonly fallback: Value;
  readonly requiredBy?: readonly Service[];
  readonly secret?: boolean;
}

const SIZE = /^(\d{1,12})\s*(B|KiB|MiB|GiB)?$/i;
const UNITS: Readonly<Record<string, number>> = { b: 1, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 };

const bytes = z
  .string()
  .regex(SIZE)
  .transform((text) => {
    const [, amount = '0', unit = 'B'] = SIZE.exec(text) ?? [];
    return Number(amount) * (UNITS[unit.toLowerCase()] ?? 1);
  })
  .refine((size) => size > 0);
const port = z.coerce.number().int().min(0).max(65_535);
const count = (max: number) => z.coerce.number().int().min(1).max(max);
const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1');
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);
const httpUrl = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !/[?#]/.test(url))
  .transform((url) => url.replace(/\/+$/, ''));
const brokers = list.refine((all) => all.every((one) => /^([\w.-]+|\[[\da-f:.]+\]):\d{1,5}$/i.test(one)));
/** What Fastify takes, checked here so that a slip is told with the others and not at the first request. */
const proxies = list.refine((all) =>
  all.every((one) => {
    const [address = '', prefix] = one.split('/', 2);
    const bits = { 4: 32, 6: 128 }[isIP(address)];
    return bits !== undefined && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits));
  }),
);
const postgresUrl = z.string().regex(/^postgres(ql)?:\/\//);
const isKey = (text: string): boolean =>
  z.base64().safeParse(text).success && Buffer.from(text, 'base64').length === 32;
const base64Key = z.string().refine(isKey);
const base64Keys = list.refine((all) => all.every(isKey));

const services: readonly Service[] = ['auth', 'scim-api', 'projector', 'publisher', 'cli'];
const define = <Value>(definition: SettingDefinition<Value>): SettingDefinition<Value> => definition;

/** Every setting there is (DESIGN §3); `docs/configuration.md` is generated from it. */
export const settingDefinitions = {
  PORT: define({
    meaning: 'Port of the HTTP server; the one public port of the standalone',
    allowed: '0 to 65535',
    unset: '8080',
    schema: port,
    fallback: 8080,
  }),
  PUBLIC_URL: define<string | undefined>({
    meaning: 'External base URL: `meta.location`, `$ref`, issuer',
    allowed: 'an http(s) URL without query',
    unset: '`http://localhost:$PORT`',
    schema: httpUrl,
    fallback: undefined,
  }),
  DATA_DIR: define({
    meaning: 'Directory of the embedded database, the development broker and generated keys (standalone)',
    allowed: 'a path',
    unset: '`.data`',
    schema: z.string().min(1),
    fallback: '.data',
  }),
  DATABASE_URL: define<string | undefined>({
    meaning: 'PostgreSQL 15 or later for read models, control plane, keys and (EVENT_LOG=postgres) the log',
    allowed: 'postgres://…',
    unset: 'standalone: embedded PostgreSQL in `DATA_DIR`',
    schema: postgresUrl,
    fallback: undefined,
    requiredBy: services,
    secret: true,
  }),
  EVENT_LOG: define<'postgres' | 'kurrentdb'>({
    meaning: 'Engine of the event log',
    allowed: '`postgres` or `kurrentdb`',
    unset: '`postgres`',
    schema: z.enum(['postgres', 'kurrentdb']),
    fallback: 'postgres',
  }),
  KURRENTDB_URL: define<string | undefined>({
    meaning: 'Connection string of KurrentDB',
    allowed: 'kurrentdb://… or kurrentdb+discover://…',
    unset: '–',
    schema: z.string().regex(/^(kurrentdb|esdb)(\+discover)?:\/\//),
    fallback: undefined,
    secret: true,
  }),
  KURRENTDB_MAX_APPEND: define({
    meaning: "Largest append sent to KurrentDB; at most the server's own limit (`MaxAppendSize`)",
    allowed: 'a size such as `64 MiB`',
    unset: '64 MiB',
    schema: bytes,
    fallback: 64 * 1024 ** 2,
  }),
  KAFKA_BROKERS: define<readonly string[]>({
    meaning: 'Kafka bootstrap servers',
    allowed: 'host:port, comma-separated',
    unset:
      'standalone: a development broker when Java 17 and Maven (or Docker) are there; else publishing waits and loses nothing',
    schema: brokers,
    fallback: [],
    requiredBy: ['publisher'],
  }),
  KAFKA_SSL: define({
    meaning: 'Speak TLS to Kafka',
    allowed: 'true or false',
    unset: 'false',
    schema: flag,
    fallback: false,
  }),
  KAFKA_SASL_MECHANISM: define<'plain' | 'scram-sha-256' | 'scram-sha-512' | undefined>({
    meaning: 'SASL mechanism for Kafka',
    allowed: '`plain`, `scram-sha-256` or `scram-sha-512`',
    unset: 'no SASL',
    schema: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
    fallback: undefined,
  }),
  KAFKA_SASL_USERNAME: define<string | undefined>({
    meaning: 'SASL user',
    allowed: 'text',
    unset: '–',
    schema: z.string().min(1),
    fallback: undefined,
  }),
  KAFKA_SASL_PASSWORD: define<string | undefined>({
    meaning: 'SASL password',
    allowed: 'text',
    unset: '–',
    schema: z.string().min(1),
    fallback: undefined,
    secret: true,
  }),
  KAFKA_PORT: define({
    meaning: 'Where the development broker listens, on 127.0.0.1',
    allowed: '0 to 65535 (0: any free port)',
    unset: '9092',
    schema: port,
    fallback: 9092,
  }),
  KAFKA_TOPIC_PREFIX: define({
    meaning: 'First part of every topic name',
    allowed: 'letters, digits, `.`, `_`, `-`',
    unset: '`rollcall`',
    schema: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/),
    fallback: 'rollcall',
  }),
  KAFKA_PARTITIONS: define({
    meaning: 'Partitions of each topic; fixed when the topics are first made',
    allowed: '1 to 1000',
    unset: '12',
    schema: count(1000),
    fallback: 12,
  }),
  ADMIN_TOKEN: define<string | undefined>({
    meaning: 'Bearer of the first operator for the admin API',
    allowed: 'at least 16 characters',
    unset: 'standalone: generated, printed once, kept in `DATA_DIR`',
    schema: z.string().min(16),
    fallback: undefined,
    requiredBy: ['auth'],
    secret: true,
  }),
  MASTER_KEY: define<string | undefined>({
    meaning: 'Wraps the tenant keys',
    allowed: 'base64 of 32 bytes',
    unset: 'standalone: generated, kept in `DATA_DIR`',
    schema: base64Key,
    fallback: undefined,
    requiredBy: services.filter((service) => service !== 'cli'),
    secret: true,
  }),
  MASTER_KEY_PREVIOUS: define<readonly string[]>({
    meaning: 'Further master keys that still open what they have wrapped, while MASTER_KEY is rotated',
    allowed: 'base64 of 32 bytes each, comma-separated',
    unset: 'none',
    schema: base64Keys,
    fallback: [],
    secret: true,
  }),
  AUTH_INTERNAL_URL: define<string | undefined>({
    meaning: 'Where services reach auth (JWKS) without the ingress',
    allowed: 'an http(s) URL',
    unset: '`PUBLIC_URL`',
    schema: httpUrl,
    fallback: undefined,
  }),
  ALLOW_INTERNAL_KEY_URLS: define({
    meaning:
      'Fetch the public keys of OAuth clients over http and from internal addresses, too: for tests and development, for whoever registers a client then reaches into the network of auth',
    allowed: 'true or false',
    unset: 'false',
    schema: flag,
    fallback: false,
  }),
  READ_WAIT_MS: define({
    meaning: 'How long a read waits for the read model to catch up before 503',
    allowed: '0 to 60000 (milliseconds)',
    unset: '5000',
    schema: z.coerce.number().int().min(0).max(60_000),
    fallback: 5000,
  }),
  BODY_LIMIT: define({
    meaning: 'Largest request body',
    allowed: 'a size such as `1 MiB` or `65536`',
    unset: '1 MiB',
    schema: bytes,
    fallback: 1024 ** 2,
  }),
  GROUP_BODY_LIMIT: define({
    meaning: 'Largest body of POST, PUT and PATCH of a Group, and of a drift report',
    allowed: 'a size such as `16 MiB`',
    unset: '16 MiB',
    schema: bytes,
    fallback: 16 * 1024 ** 2,
  }),
  ASYNC_REQUESTS_WAITING: define({
    meaning: 'How many requests with `Prefer: respond-async` may wait to be carried out, of one tenant',
    allowed: '0 to 100000 (0: none)',
    unset: '1000',
    schema: z.coerce.number().int().min(0).max(100_000),
    fallback: 1000,
  }),
  ASYNC_RESULT_HOURS: define({
    meaning: 'How long the result of such a request can be asked for',
    allowed: '1 to 720 (hours)',
    unset: '24',
    schema: count(720),
    fallback: 24,
  }),
  REFUSALS_KEPT: define({
    meaning: 'How many refused requests of one tenant the audit shows',
    allowed: '1 to 1000000',
    unset: '10000',
    schema: count(1_000_000),
    fallback: 10_000,
  }),
  REFUSALS_KEPT_DAYS: define({
    meaning: 'For how long it shows them',
    allowed: '1 to 3650 (days)',
    unset: '30',
    schema: count(3650),
    fallback: 30,
  }),
  TRUSTED_PROXIES: define<readonly string[]>({
    meaning: 'Proxies whose X-Forwarded-* headers are believed',
    allowed: 'addresses or CIDR ranges, comma-separated',
    unset: 'none',
    schema: proxies,
    fallback: [],
  }),
  LOG_LEVEL: define<'debug' | 'info' | 'warn' | 'error' | 'silent'>({
    meaning: 'Least severity that is logged',
    allowed: '`debug`, `info`, `warn`, `error` or `silent`',
    unset: '`info`',
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent']),
    fallback: 'info',
  }),
} as const;

export type SettingName = keyof typeof settingDefinitions;
