import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  applyUserPatch,
  findTarget,
  groupSchema,
  parsePatchPath,
  parsePatchRequest,
  parseUser,
  splitGroupPatch,
  urns,
  userSchema,
} from '#scim';

const folder = join(import.meta.dirname, '..', '..', 'docs', 'idp');
const guides = readdirSync(folder)
  .filter((file) => file.endsWith('.md') && file !== 'README.md')
  .map((file) => [file, readFileSync(join(folder, file), 'utf8')] as const);
const errors = readFileSync(join(folder, '..', 'errors.md'), 'utf8');

const sectionOf = (text: string, heading: string): string =>
  text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
const codesIn = (text: string): readonly string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

/** The cells of one column of the table in a section. */
const columnOf = (section: string, header: string): readonly string[] => {
  const rows = section
    .split('\n')
    .flatMap((line) => (line.startsWith('|') ? [line.split(/(?<!\\)\|/).map((cell) => cell.trim())] : []));
  const column = rows[0]?.indexOf(header) ?? -1;
  return rows.slice(2).map((row) => row[column] ?? '');
};

describe.each(guides)('the guide %s', (_file, text) => {
  it('says what an administrator must know, in the same order as the others', () => {
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual([
      'What you need',
      'Set it up',
      'Attribute mapping',
      expect.stringMatching(/^What .+ (?:will|should) send$/),
      'When somebody leaves',
      'When the test fails',
      'Known quirks',
      'Limits',
    ]);
    expect(text).toContain('`https://scim.example.com/t/acme/scim/v2`');
  });

  it('maps to attributes that there are', () => {
    // A path with `…` in it stands for several.
    const paths = columnOf(sectionOf(text, 'Attribute mapping'), 'SCIM attribute')
      .flatMap(codesIn)
      .filter((path) => !path.includes('…'));
    const unknown = paths.filter((path) => {
      const { name } = parsePatchPath(path);
      return [userSchema, groupSchema].every((schema) => findTarget(schema, name).kind === 'unknown');
    });
    expect(paths.length).toBeGreaterThan(4);
    expect(unknown).toEqual([]);
  });

  it('shows bodies that are accepted as they stand', () => {
    const before = { attributes: { userName: 'bjensen' }, active: true };
    for (const [, json = ''] of text.matchAll(/```json\n(.*?)```/gs)) {
      const body = JSON.parse(json) as { schemas: string[] };
      if (body.schemas.includes(urns.user)) expect(parseUser(body, userSchema).attributes['userName']).toBeDefined();
      else {
        const operations = parsePatchRequest(body);
        const { memberOperations } = splitGroupPatch(operations, groupSchema);
        expect(memberOperations.length > 0 || applyUserPatch(before, operations, userSchema).changed).toBe(true);
      }
    }
  });

  it('explains statuses that the service answers', () => {
    const statuses = [...sectionOf(text, 'When the test fails').matchAll(/\b([45]\d\d)\b/g)].map(
      ([, status = '']) => status,
    );
    expect(statuses).toEqual(expect.arrayContaining(['401', '403', '404', '429']));
    expect(statuses.filter((status) => !errors.includes(`| ${status} `))).toEqual([]);
  });
});
