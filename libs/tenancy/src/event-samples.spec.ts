import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { upcast, type EventCatalogue } from '#event-sourcing';
import { controlDecider, type ControlEvent } from './control-stream.js';
import { tenancyEvents } from './tenancy-events.js';

/** Files `<EventType>.<schemaVersion>.json`: data as it was once written. They are never edited, and must fold for ever. */
const samples = [
  'tenant',
  'oauth-client',
  'scim-token',
  'administrator',
  'extension-schema',
  'resource-type',
  'directory-import',
].flatMap((folder) => {
  const path = join(import.meta.dirname, folder, 'samples');
  return readdirSync(path).map((file) => {
    const [type = '', version = ''] = file.split('.');
    return { type, version: Number(version), data: JSON.parse(readFileSync(join(path, file), 'utf8')) as object };
  });
});

const current = (sample: (typeof samples)[number]): ControlEvent => {
  const definition = (tenancyEvents as EventCatalogue)[sample.type];
  if (definition === undefined) throw new Error(`${sample.type} is not in the catalogue.`);
  return {
    type: sample.type,
    data: upcast(sample.type, definition, sample.version, { ...sample.data }),
  } as unknown as ControlEvent;
};

const of = (type: string): ControlEvent => {
  const sample = samples.find((one) => one.type === type);
  if (sample === undefined) throw new Error(`There is no sample of ${type}.`);
  return current(sample);
};

/** What came before an event of its kind, so that its fold has something to change. */
const before: Readonly<Record<string, readonly string[]>> = {
  TenantResumed: ['TenantSuspended'],
  TenantReinstated: ['TenantOffboarded'],
  OAuthClientEnabled: ['OAuthClientRegistered', 'OAuthClientDisabled'],
  OAuthClientSecretRevoked: ['OAuthClientRegistered', 'OAuthClientSecretAdded'],
  OAuthClientRenamed: ['OAuthClientRegistered'],
  OAuthClientDisabled: ['OAuthClientRegistered'],
  OAuthClientAuthenticationSet: ['OAuthClientRegistered'],
  OAuthClientAuthorized: ['OAuthClientRegistered'],
  OAuthClientAuthorizationRevoked: ['OAuthClientRegistered', 'OAuthClientAuthorized'],
  AdministratorActivated: ['AdministratorInvited'],
  AdministratorDisabled: ['AdministratorInvited'],
  AdministratorEnabled: ['AdministratorInvited', 'AdministratorDisabled'],
  OAuthClientSecretAdded: ['OAuthClientRegistered'],
  OAuthClientDeleted: ['OAuthClientRegistered'],
  ScimTokenRevoked: ['ScimTokenIssued'],
  ExtensionSchemaRemoved: ['ExtensionSchemaRegistered'],
  DirectoryImportEnded: ['DirectoryImportBegun'],
  ResourceTypeRemoved: ['ResourceTypeRegistered'],
};
const start = of('TenantCreated');

describe('samples of events', () => {
  it.each(samples.filter(({ type }) => type !== 'TenantRegistered'))('$type.$version changes the state', (sample) => {
    const past = sample.type === 'TenantCreated' ? [] : [start, ...(before[sample.type] ?? []).map(of)];
    const state = past.reduce(controlDecider.evolve, controlDecider.initialState());
    expect(controlDecider.evolve(state, current(sample))).not.toEqual(state);
  });

  it.each(Object.entries(tenancyEvents as EventCatalogue))('%s has one of every version', (type, { schemaVersion }) =>
    expect(samples.filter((sample) => sample.type === type).map(({ version }) => version)).toEqual(
      Array.from({ length: schemaVersion }, (_, i) => i + 1),
    ),
  );

  it('no event of the control plane holds personal data or a secret in the clear', () => {
    for (const { type, data } of samples)
      expect({ type, fields: Object.keys(data) }).toEqual({ type, fields: allowed(data) });
  });
});

const allowed = (data: object): string[] =>
  Object.keys(data).filter((field) =>
    /^(tenantId|displayName|settings|clientId|name|grantTypes|redirectUris|authentication|administratorId|secretId|hash|expiresAt|erasesAt|suspended|tokenId|scopes|urn|resourceType|required|schema|endpoint|description|schemaExtensions|exportId|complete)$/.test(
      field,
    ),
  );
