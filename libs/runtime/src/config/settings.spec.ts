import { describe, expect, it } from '@jest/globals';
import { settingDefinitions, type Service, type SettingDefinition, type SettingName } from './setting-definitions.js';
import { loadSettings, SettingsError } from './settings.js';

const complete = {
  DATABASE_URL: 'postgres://rollcall:hunter2@db:5432/rollcall',
  KAFKA_BROKERS: 'kafka-0:9092,kafka-1:9092',
  ADMIN_TOKEN: 'an-operator-of-long-standing',
  MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
};
const definitions = Object.entries<SettingDefinition>(settingDefinitions) as [SettingName, SettingDefinition][];

const faultsOf = (env: Readonly<Record<string, string>>, service: Service = 'standalone'): readonly string[] => {
  try {
    loadSettings(env, service);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
};

describe('without any setting', () => {
  it('the standalone starts on what the table promises', () =>
    expect(loadSettings({}, 'standalone')).toEqual({
      PORT: 8080,
      PUBLIC_URL: 'http://localhost:8080',
      DATA_DIR: '.data',
      DATABASE_URL: undefined,
      EVENT_LOG: 'postgres',
      KURRENTDB_URL: undefined,
      KURRENTDB_MAX_APPEND: 67_108_864,
      KAFKA_BROKERS: [],
      KAFKA_SSL: false,
      KAFKA_SASL_MECHANISM: undefined,
      KAFKA_SASL_USERNAME: undefined,
      KAFKA_SASL_PASSWORD: undefined,
      KAFKA_PORT: 9092,
      KAFKA_TOPIC_PREFIX: 'rollcall',
      KAFKA_PARTITIONS: 12,
      ADMIN_TOKEN: undefined,
      MASTER_KEY: undefined,
      MASTER_KEY_PREVIOUS: [],
      AUTH_INTERNAL_URL: 'http://localhost:8080',
      ALLOW_INTERNAL_KEY_URLS: false,
      READ_WAIT_MS: 5000,
      BODY_LIMIT: 1_048_576,
      GROUP_BODY_LIMIT: 16_777_216,
      ASYNC_REQUESTS_WAITING: 1000,
      ASYNC_RESULT_HOURS: 24,
      REFUSALS_KEPT: 10_000,
      REFUSALS_KEPT_DAYS: 30,
      TRUSTED_PROXIES: [],
      LOG_LEVEL: 'info',
    }));

  it.each([
    ['auth', ['DATABASE_URL', 'ADMIN_TOKEN', 'MASTER_KEY']],
    ['scim-api', ['DATABASE_URL', 'MASTER_KEY']],
    ['projector', ['DATABASE_URL', 'MASTER_KEY']],
    ['publisher', ['DATABASE_URL', 'KAFKA_BROKERS', 'MASTER_KEY']],
    ['cli', ['DATABASE_URL']],
  ] as const)('%s names each that it cannot do without', (service, names) => {
    const faults = faultsOf({}, service);
    expect(faults.map((fault) => fault.split(' ', 1)[0])).toEqual(names);
    for (const fault of faults) expect(fault).toContain(`is required by ${service}`);
    expect(faultsOf(complete, service)).toEqual([]);
  });
});

it.each(['', ' ', '\n'])('a setting that is %j counts as unset', (blank) => {
  const env = Object.fromEntries(definitions.map(([name]) => [name, blank]));
  expect(loadSettings(env, 'standalone')).toEqual(loadSettings({}, 'standalone'));
});

describe('every fault', () => {
  const wrong: Readonly<
    Record<Exclude<SettingName, 'DATA_DIR' | 'KAFKA_SASL_USERNAME' | 'KAFKA_SASL_PASSWORD'>, string>
  > = {
    PORT: '99999',
    PUBLIC_URL: 'ftp://sekrit.example.com',
    DATABASE_URL: 'mysql://root:sekrit@db',
    EVENT_LOG: 'sekrit',
    KURRENTDB_URL: 'http://sekrit',
    KURRENTDB_MAX_APPEND: 'sekrit',
    KAFKA_BROKERS: 'sekrit',
    KAFKA_SSL: 'sekrit',
    KAFKA_SASL_MECHANISM: 'sekrit',
    KAFKA_PORT: '-1',
    KAFKA_TOPIC_PREFIX: 'sekrit/topic',
    KAFKA_PARTITIONS: '0',
    ADMIN_TOKEN: 'sekrit',
    MASTER_KEY: 'c2Vrcml0',
    MASTER_KEY_PREVIOUS: 'c2Vrcml0,sekrit',
    AUTH_INTERNAL_URL: 'sekrit',
    ALLOW_INTERNAL_KEY_URLS: 'sekrit',
    READ_WAIT_MS: '1.5',
    BODY_LIMIT: '1 MB of sekrit',
    GROUP_BODY_LIMIT: '0',
    ASYNC_REQUESTS_WAITING: '-1',
    ASYNC_RESULT_HOURS: '0',
    REFUSALS_KEPT: '0',
    REFUSALS_KEPT_DAYS: '0',
    TRUSTED_PROXIES: '10.0.0.0/8,sekrit',
    LOG_LEVEL: 'sekrit',
  };

  it('is told at once, by name and by what is allowed', () => {
    const faults = faultsOf(wrong);
    for (const name of Object.keys(wrong) as (keyof typeof wrong)[])
      expect(faults).toContain(`${name} must be ${settingDefinitions[name].allowed}`);
  });

  it('never repeats a value', () => expect(faultsOf(wrong).join('\n')).not.toMatch(/sekrit|c2Vrcml0|99999/));

  it('stands in the message that ends the process', () => {
    const message = String(new SettingsError(faultsOf(wrong)));
    for (const fault of faultsOf(wrong)) expect(message).toContain(fault);
  });
});

describe('settings that hang together', () => {
  it('KurrentDB needs its address', () =>
    expect(faultsOf({ EVENT_LOG: 'kurrentdb' })).toEqual(['KURRENTDB_URL is required when EVENT_LOG is kurrentdb']));

  it.each(['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'])('%s does not come alone', (name) =>
    expect(faultsOf({ [name]: 'plain' })).toEqual([expect.stringContaining('go together')]),
  );

  it('a group may not be smaller than anything else', () =>
    expect(faultsOf({ BODY_LIMIT: '2 MiB', GROUP_BODY_LIMIT: '1 MiB' })).toHaveLength(1));

  it('addresses follow the port, and services each other, unless told otherwise', () => {
    expect(loadSettings({ PORT: '9000' }, 'standalone')).toMatchObject({
      PUBLIC_URL: 'http://localhost:9000',
      AUTH_INTERNAL_URL: 'http://localhost:9000',
    });
    expect(
      loadSettings({ PUBLIC_URL: 'https://scim.example.com/', AUTH_INTERNAL_URL: 'http://auth:3000' }, 'standalone'),
    ).toMatchObject({ PUBLIC_URL: 'https://scim.example.com', AUTH_INTERNAL_URL: 'http://auth:3000' });
  });
});

describe('values', () => {
  it.each([
    ['65536', 65_536],
    ['64 KiB', 65_536],
    ['64kib', 65_536],
    ['2MiB', 2_097_152],
    ['100 B', 100],
  ])('a size of %s is %d bytes', (text, size) =>
    expect(loadSettings({ BODY_LIMIT: text }, 'standalone').BODY_LIMIT).toBe(size),
  );

  it.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ])('a flag of %s is %s', (text, flag) =>
    expect(loadSettings({ KAFKA_SSL: text }, 'standalone').KAFKA_SSL).toBe(flag),
  );

  it('lists are split at commas, blanks dropped', () =>
    expect(
      loadSettings({ KAFKA_BROKERS: ' a:1, b.example:2 ,,[::1]:3', TRUSTED_PROXIES: '10.0.0.0/8, ::1' }, 'standalone'),
    ).toMatchObject({ KAFKA_BROKERS: ['a:1', 'b.example:2', '[::1]:3'], TRUSTED_PROXIES: ['10.0.0.0/8', '::1'] }));

  it.each(['10.0.0.0/33', '::1/129', '10.0.0.0/', '10.0.0/8', 'proxy.example.com'])('%s is no proxy', (text) =>
    expect(faultsOf({ TRUSTED_PROXIES: text })).toHaveLength(1),
  );

  it.each(['https://scim.example.com/?tenant=a', 'https://scim.example.com/#a', 'scim.example.com'])(
    'R5 %s is no base URL',
    (text) => expect(faultsOf({ PUBLIC_URL: text })).toHaveLength(1),
  );

  it('the master key has exactly 32 bytes', () => {
    for (const length of [16, 31, 33, 64])
      expect(faultsOf({ MASTER_KEY: Buffer.alloc(length, 1).toString('base64') })).toHaveLength(1);
  });
});

describe('the definitions', () => {
  it.each(definitions)('%s says what it means, what is allowed and what holds when it is unset', (_, definition) => {
    for (const text of [definition.meaning, definition.allowed, definition.unset]) expect(text).not.toBe('');
  });

  it('whatever may hold a password or a key is marked secret', () =>
    expect(definitions.flatMap(([name, { secret }]) => (secret === true ? [name] : []))).toEqual([
      'DATABASE_URL',
      'KURRENTDB_URL',
      'KAFKA_SASL_PASSWORD',
      'ADMIN_TOKEN',
      'MASTER_KEY',
      'MASTER_KEY_PREVIOUS',
    ]));
});
