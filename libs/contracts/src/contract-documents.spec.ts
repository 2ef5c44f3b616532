import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { asyncApiDocument } from './asyncapi.js';
import { setUriOf } from './change-types.js';
import { parsePublisherPosition } from './publisher-position.js';
import { topicConfigs, topicsOf } from './topics.js';

const file = join(import.meta.dirname, '..', 'asyncapi.yaml');

describe('the AsyncAPI document', () => {
  it('is what the code makes (UPDATE_DOCUMENTS=1 writes it anew)', () => {
    const made = stringify(asyncApiDocument(), { lineWidth: 0, aliasDuplicateObjects: false, singleQuote: true });
    if (process.env['UPDATE_DOCUMENTS'] === '1') writeFileSync(file, made);
    expect(readFileSync(file, 'utf8')).toBe(made);
  });

  it('refers to nothing that is not there', () => {
    const document = asyncApiDocument();
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(references.length).toBeGreaterThan(10);
    for (const path of references) {
      const target = path.split('/').reduce<unknown>((at, name) => (at as Record<string, unknown>)?.[name], document);
      expect([path, typeof target]).toEqual([path, 'object']);
    }
  });
});

describe('topics', () => {
  it('are six, versioned, with one number of partitions', () => {
    const topics = topicsOf('rollcall', 12);
    expect(topics.map(({ name }) => name)).toEqual([
      'rollcall.changes.v1',
      'rollcall.users.v1',
      'rollcall.groups.v1',
      'rollcall.resources.v1',
      'rollcall.memberships.v1',
      'rollcall.publisher-positions.v1',
    ]);
    expect(new Set(topics.map(({ partitions }) => partitions))).toEqual(new Set([12]));
  });

  it('keep tombstones at least as long as changes', () => {
    const retention = Number(topicConfigs.changes['retention.ms']);
    for (const kind of ['users', 'groups', 'resources', 'memberships'] as const)
      expect(Number(topicConfigs[kind]['delete.retention.ms'])).toBeGreaterThanOrEqual(retention);
  });
});

describe('RFC 9967 events', () => {
  it('X8 have URIs of the registered classes', () => {
    const registered =
      /^urn:ietf:params:scim:event:prov:((create|patch|put):(notice|full)|delete|activate|deactivate)$/;
    for (const uri of Object.values(setUriOf)) if (uri !== undefined) expect(uri).toMatch(registered);
  });
});

describe('publisher positions', () => {
  it('are read as they were written', () => {
    for (const position of [{ sequence: 0 }, { sequence: 7, offset: 500, after: 'u1' }])
      expect(parsePublisherPosition(JSON.stringify(position))).toEqual(position);
  });

  it('are never guessed', () => {
    expect(() => parsePublisherPosition('{"sequence":"7"}')).toThrow('no sequence');
  });
});
