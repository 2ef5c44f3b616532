import { expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { productSettings } from './known-settings.js';
import { text } from './repository.js';

type Service = Readonly<{
  image: string;
  build?: { context: string; dockerfile: string };
  command?: readonly string[];
  environment?: Readonly<Record<string, string>>;
  ports?: readonly string[];
  volumes?: readonly string[];
  depends_on?: Readonly<Record<string, { condition: string; required?: boolean }>>;
  healthcheck?: { test: readonly string[]; interval: string; timeout: string; retries: number };
  profiles?: readonly string[];
  restart?: string;
  read_only?: boolean;
  cap_drop?: readonly string[];
}>;

const compose = parse(text('docker-compose.yml'), { merge: true }) as {
  name: string;
  services: Readonly<Record<string, Service>>;
  volumes: Readonly<Record<string, unknown>>;
};
const services = Object.entries(compose.services);
const ours = ['auth', 'scim-api', 'projector', 'publisher'];
const service = (name: string): Service => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}.`);
  return found;
};

/** What Compose allows in a service, as far as this file uses it: a misspelt key must not pass. */
const keys = new Set(
  'image build command environment ports expose volumes depends_on healthcheck profiles restart read_only tmpfs cap_drop security_opt stop_grace_period'.split(
    ' ',
  ),
);

it('It has every service of Rollcall, their stores and one gateway', () => {
  expect(Object.keys(compose.services).sort()).toEqual(
    [...ours, 'gateway', 'kafka', 'kurrentdb', 'migrate', 'postgres'].sort(),
  );
});

it.each(services)('%s has no misspelt key, and every environment value is text', (_, definition) => {
  expect(Object.keys(definition).filter((key) => !keys.has(key))).toEqual([]);
  for (const value of Object.values(definition.environment ?? {})) expect(typeof value).toBe('string');
});

it.each(services)('%s has an image pinned to a version', (_, { image, build }) => {
  if (build !== undefined)
    expect([image, build]).toEqual([
      'rollcall:${ROLLCALL_VERSION:-dev}',
      { context: '.', dockerfile: 'deploy/docker/Dockerfile' },
    ]);
  else expect(image).toMatch(/:\d+\.\d+(\.\d+)?(-[a-z0-9]+)?$/);
});

it.each(services.filter(([name]) => name !== 'migrate'))(
  '%s has a health check in exec form and restarts',
  (_, { healthcheck, restart }) => {
    expect(healthcheck?.test[0]).toBe('CMD');
    for (const part of healthcheck?.test ?? []) expect(typeof part).toBe('string');
    for (const time of [healthcheck?.interval, healthcheck?.timeout]) expect(time).toMatch(/^\d+s$/);
    expect(restart).toBe('unless-stopped');
  },
);

it.each(ours)(
  '%s starts its own entry point after the migration, unprivileged, and is healthy when it is ready',
  (name) => {
    const definition = service(name);
    expect(definition.command).toEqual([`dist/apps/${name}/src/main.js`]);
    expect(definition.depends_on).toMatchObject({ migrate: { condition: 'service_completed_successfully' } });
    expect(definition.healthcheck?.test.join(' ')).toContain('http://127.0.0.1:8080/health/ready');
    expect(definition).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
  },
);

it.each([...ours, 'migrate'])('%s is given only settings the product reads', (name) => {
  expect(Object.keys(service(name).environment ?? {}).filter((setting) => !productSettings.has(setting))).toEqual([]);
});

it('Every dependency and every volume is defined', () => {
  for (const [, { depends_on = {}, volumes = [] }] of services) {
    for (const [name, { condition }] of Object.entries(depends_on)) {
      expect(compose.services).toHaveProperty(name);
      if (condition === 'service_healthy') expect(service(name).healthcheck).toBeDefined();
    }
    for (const volume of volumes.map((mount) => mount.split(':')[0] ?? ''))
      if (volume.startsWith('./')) expect(() => text(volume)).not.toThrow();
      else expect(compose.volumes).toHaveProperty(volume);
  }
});

it('Nothing is published beyond this machine, and of Rollcall only the gateway', () => {
  const published = services.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]));
  for (const [, port] of published) expect(port).toMatch(/^127\.0\.0\.1:/);
  expect(published.map(([name]) => name)).toEqual(['gateway', 'kafka', 'kurrentdb']);
});

it('Every secret can be set, and a default says itself that it is for development only', () => {
  const secret = /\$\{(MASTER_KEY|ADMIN_TOKEN|\w*PASSWORD):-([^}]*)\}/g;
  const defaults = [...text('docker-compose.yml').matchAll(secret)].map(([, name, value = '']) => [name, value]);
  expect(new Set(defaults.map(([name]) => name))).toEqual(
    new Set(['MASTER_KEY', 'ADMIN_TOKEN', 'POSTGRES_PASSWORD', 'ROLLCALL_OWNER_PASSWORD', 'ROLLCALL_SERVICE_PASSWORD']),
  );
  for (const [name, value = ''] of defaults)
    expect(name === 'MASTER_KEY' ? Buffer.from(value, 'base64').toString() : value).toMatch(/^development-only-/);
  const [, key = ''] = defaults.find(([name]) => name === 'MASTER_KEY') ?? [];
  expect(Buffer.from(key, 'base64')).toHaveLength(32);
});

it('Services connect as a role that can not bypass row-level security, migrations as the owner', () => {
  for (const name of ours) expect(service(name).environment?.['DATABASE_URL']).toMatch(/^postgresql:\/\/rollcall:/);
  expect(service('migrate').environment?.['DATABASE_URL']).toMatch(/^postgresql:\/\/rollcall_owner:/);
  const roles = text('deploy/docker/postgres/roles.sql').match(/^CREATE ROLE .*$/gm) ?? [];
  expect(roles).toHaveLength(3);
  for (const role of roles) expect(role).toContain('NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS');
});

it('KurrentDB runs only with its profile, and nobody insists on it', () => {
  expect(service('kurrentdb').profiles).toEqual(['kurrentdb']);
  for (const [, { depends_on = {} }] of services)
    if ('kurrentdb' in depends_on)
      expect(depends_on['kurrentdb']).toEqual({ condition: 'service_healthy', required: false });
});

it('Kafka is the release that the development broker runs', () => {
  const [, version] = /<kafka\.version>([^<]+)</.exec(text('deploy/kafka/pom.xml')) ?? [];
  expect(service('kafka').image).toBe(`apache/kafka:${version}`);
});
