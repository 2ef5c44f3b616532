import { describe, expect, it } from '@jest/globals';
import { helmNotes, helmTemplate } from './helm.js';
import { secretSettings } from './known-settings.js';
import { cases, containers, deployments, ofKind, pods, render, renderWith, valuesFile } from './rendered-chart.js';

const planted = [
  'planted-service-password',
  'planted-owner-password',
  'planted-admin-token',
  'cGxhbnRlZC1tYXN0ZXIta2V5LW9mLTMyLWJ5dGVzISE=',
];

const refusal = async (...args: string[]): Promise<string> => {
  const { code, stderr } = await helmTemplate(...args);
  expect(code).not.toBe(0);
  return stderr;
};

describe('Without secrets', () => {
  it('the chart refuses to render, and names everything that is missing at once', async () => {
    const said = await refusal();
    for (const key of [
      'publicUrl',
      'image.repository',
      'database.existingSecret',
      'masterKey.existingSecret',
      'adminToken.existingSecret',
      'kafka.brokers',
    ])
      expect(said).toContain(`- ${key}`);
  });

  it.each([
    ['database.existingSecret', 'database.existingSecret is required (for development only: database.url)'],
    ['masterKey.existingSecret', 'masterKey.existingSecret is required'],
    ['adminToken.existingSecret', 'adminToken.existingSecret is required'],
  ])('taking away %s alone is refused', async (key, said) => {
    expect(await refusal('--values', valuesFile('minimal'), '--set', `${key}=`)).toContain(said);
  });

  it.each([
    ['eventLog=kurrentdb', 'kurrentdb.existingSecret is required'],
    ['kafka.sasl.mechanism=plain', 'kafka.sasl.existingSecret is required'],
    ['masterKey.existingSecret=,masterKey.value=c2hvcnQ=', 'masterKey.value must be the base64 of 32 bytes'],
  ])('%s demands its own', async (set, said) => {
    expect(await refusal('--values', valuesFile('minimal'), '--set', set)).toContain(said);
  });
});

describe('Inline secrets, for development', () => {
  it('are written into Secrets and nowhere else', async () => {
    for (const object of await render('development')) {
      if (object.kind === 'Secret') continue;
      const text = JSON.stringify(object);
      for (const secret of planted) expect(text).not.toContain(secret);
    }
  });

  it('the services never hold the password of the schema owner, the migration holds no master key', async () => {
    const secrets = ofKind(await render('development'), 'Secret');
    const data = Object.fromEntries(secrets.map(({ metadata, stringData = {} }) => [metadata.name, stringData]));
    expect(Object.keys(data['rel-rollcall-inline'] ?? {}).sort()).toEqual([
      'ADMIN_TOKEN',
      'DATABASE_URL',
      'MASTER_KEY',
    ]);
    expect(data['rel-rollcall-inline']?.['DATABASE_URL']).toContain('planted-service-password');
    expect(Object.keys(data['rel-rollcall-migrate'] ?? {})).toEqual(['DATABASE_URL']);
    expect(data['rel-rollcall-migrate']?.['DATABASE_URL']).toContain('planted-owner-password');
  });

  it('a changed one rolls the pods', async () => {
    const checksums = async (...args: string[]) =>
      deployments(await renderWith('--values', valuesFile('development'), ...args)).map(
        ({ spec }) => spec?.template.metadata?.annotations?.['checksum/inline-secret'],
      );
    const before = await checksums();
    const after = await checksums('--set', 'adminToken.value=another-planted-token');
    expect(before[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(after[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(after[0]).not.toBe(before[0]);
  });

  it('the notes after installing warn of them, by name and never by value', async () => {
    const notes = await helmNotes('--values', valuesFile('development'));
    expect(notes).toContain('WARNING: secrets were given inline (ADMIN_TOKEN, DATABASE_URL, MASTER_KEY)');
    for (const secret of planted) expect(notes).not.toContain(secret);
    expect(await helmNotes('--values', valuesFile('minimal'))).not.toContain('WARNING');
  });
});

describe('Existing secrets', () => {
  it.each(cases.filter((name) => name !== 'development'))('%s renders no Secret of its own', async (name) => {
    expect(ofKind(await render(name), 'Secret')).toEqual([]);
  });

  it('are referred to by the key that was named', async () => {
    const [auth] = deployments(await render('full'));
    expect(auth?.spec?.template.spec?.containers[0]?.env).toEqual(
      expect.arrayContaining([
        { name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: 'rollcall-database', key: 'service-url' } } },
        { name: 'MASTER_KEY', valueFrom: { secretKeyRef: { name: 'rollcall-keys', key: 'master' } } },
      ]),
    );
  });

  it('hold older master keys as well while the master key is rotated', async () => {
    const rendered = await renderWith('--values', valuesFile('full'), '--set', 'masterKey.previousKey=older');
    for (const container of deployments(rendered).flatMap(({ spec }) => spec?.template.spec?.containers ?? []))
      expect(container.env).toContainEqual({
        name: 'MASTER_KEY_PREVIOUS',
        valueFrom: { secretKeyRef: { name: 'rollcall-keys', key: 'older' } },
      });
  });

  it('as a file: no container has a secret in its environment, node reads the mounted file', async () => {
    for (const container of pods(await render('secret-file')).flatMap(containers)) {
      expect((container.env ?? []).filter(({ name }) => secretSettings.has(name))).toEqual([]);
      expect(container.args).toContain('--env-file=/etc/rollcall/settings/rollcall.env');
      expect(container.volumeMounts).toContainEqual({
        name: 'settings',
        mountPath: '/etc/rollcall/settings',
        readOnly: true,
      });
    }
  });
});
