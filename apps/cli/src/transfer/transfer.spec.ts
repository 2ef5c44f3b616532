import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { resourceStream } from '#directory';
import { ClaimTaken } from '#event-sourcing';
import { compileResourceSchema, userSchema } from '#scim';
import { someMetadata } from '#testing';
import { BadExport } from './export-format.js';
import { createGroup, createInstallation, createUser, type Installation } from './installation.fixture.js';

const rename = (userName: string) =>
  ({ type: 'ReplaceUser', data: { attributes: { userName }, active: true, schema: userSchema } }) as const;
const joined = (...ids: readonly string[]) =>
  ({
    type: 'PatchGroup',
    data: {
      operations: [],
      members: [{ kind: 'add', members: ids.map((value) => ({ value })) }],
      schema: userSchema,
    },
  }) as const;

/** As the schema that the spec registers comes to be. */
const seats = compileResourceSchema(
  { id: 'Seat', name: 'Seat', description: '', endpoint: '/Seats', schema: 'urn:acme:Seat', schemaExtensions: [] },
  [
    {
      id: 'urn:acme:Seat',
      name: 'Seat',
      description: '',
      attributes: [
        {
          name: 'code',
          type: 'string',
          multiValued: false,
          description: '',
          required: false,
          caseExact: false,
          mutability: 'readWrite',
          returned: 'default',
          uniqueness: 'server',
        },
      ],
    },
  ],
);

let there: Installation;
let here: Installation;

beforeEach(async () => {
  [there, here] = [createInstallation(), createInstallation()];
  await there.tenant('acme');
  await here.tenant('acme');
});

/** Names that change hands, nested groups, somebody deleted, somebody erased. */
const live = async (): Promise<void> => {
  await there.user('acme', 'u1', createUser('bjensen'));
  await there.user('acme', 'u2', createUser('jsmith', { title: 'Guide' }));
  await there.user('acme', 'u3', createUser('perpetua'));
  await there.group('acme', 'g1', createGroup('Guides', 'u1', 'u2', 'u3'));
  await there.group('acme', 'g2', createGroup('All', 'g1'));
  await there.user('acme', 'u1', rename('babs'));
  await there.user('acme', 'u4', createUser('bjensen'));
  await there.group('acme', 'g1', joined('u4'));
  await there.user('acme', 'u3', { type: 'EraseUser', data: { force: true } });
  await there.group('acme', 'g1', {
    type: 'RecordMemberLoss',
    data: { member: 'u3', cause: { kind: 'member-deleted', eventId: 'e' } },
  });
  there.sealer.erase('acme', 'u3');
  await there.user('acme', 'u2', { type: 'DeleteUser', data: {} });
};

const members = async (of: Installation, group: string, tenantId = 'acme') =>
  (await of.log.edges.targets(tenantId, group, { limit: 100 })).targets.map(({ id }) => id);

describe('an export', () => {
  it('holds what is personal in the clear, and nothing of a person who is erased', async () => {
    await live();
    const text = await there.export('acme');
    expect(text).toContain('"userName":"jsmith"');
    expect(text).not.toContain('perpetua');
    expect(text).not.toMatch(/sealed|wrappedKey|claim-/);
  });

  it('holds nothing of a person whose erasure was cut off before the key was destroyed', async () => {
    await there.user('acme', 'u1', createUser('perpetua'));
    await there.user('acme', 'u1', { type: 'EraseUser', data: { force: true } });
    expect(await there.export('acme')).not.toContain('perpetua');
  });

  it('is of one tenant', async () => {
    await there.tenant('globex');
    await there.user('globex', 'x1', createUser('hank'));
    await live();
    expect(await there.export('acme')).not.toContain('hank');
  });
});

describe('an import', () => {
  it('tells the same again: ids, times, actors, revisions, members, in the same order', async () => {
    await live();
    const { written } = await here.import('acme', await there.export('acme'));
    const told = await here.told('acme');
    expect(told).toEqual(await there.told('acme'));
    expect(told).toHaveLength(written);
    for (const group of ['g1', 'g2']) expect(await members(here, group)).toEqual(await members(there, group));
  });

  it('goes on with the sequence of a tenant that has a life of its own, under any id', async () => {
    await live();
    await here.tenant('globex');
    await here.user('globex', 'x1', createUser('hank'));
    await here.import('globex', await there.export('acme'));
    const sequences = await here.sequences('globex');
    expect(sequences).toEqual(sequences.map((_, index) => index + 1));
    expect(await here.told('globex')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ resourceId: 'x1' }),
        expect.objectContaining({ resourceId: 'u4' }),
      ]),
    );
    expect(await here.told('acme')).toEqual([]);
  });

  it('takes the names that are held, and leaves free those that are not', async () => {
    await live();
    await here.import('acme', await there.export('acme'));
    for (const userName of ['babs', 'bjensen'])
      await expect(here.user('acme', 'n1', createUser(userName))).rejects.toMatchObject({ code: 'claim-taken' });
    for (const [index, userName] of ['jsmith', 'perpetua'].entries())
      await expect(here.user('acme', `n${index}`, createUser(userName))).resolves.toBeDefined();
  });

  it('claims no name for those who are erased: theirs is not known', async () => {
    for (const id of ['u1', 'u2']) await there.user('acme', id, createUser(id));
    for (const id of ['u1', 'u2']) {
      await there.user('acme', id, { type: 'EraseUser', data: { force: true } });
      there.sealer.erase('acme', id);
    }
    await expect(here.import('acme', await there.export('acme'), 1)).resolves.toMatchObject({ alreadyThere: 0 });
  });

  it('leaves everything to be changed as if it had been made here', async () => {
    await live();
    await here.import('acme', await there.export('acme'));
    await here.user('acme', 'u4', rename('jsmith'));
    await here.user('acme', 'n1', createUser('bjensen'));
    await here.group('acme', 'g1', joined('n1'));
    expect(await members(here, 'g1')).toEqual(['n1', 'u1', 'u4']);
    await expect(here.user('acme', 'u3', rename('perpetua'))).rejects.toMatchObject({ code: 'resource-not-found' });
  });

  it('brings the schemas that the tenant does not have, and leaves those it has', async () => {
    const urn = 'urn:example:params:scim:schemas:acme:1.0:User';
    const document = (name: string) => ({ name, attributes: [{ name: 'shift' }] });
    const register = (name: string, of: string) =>
      ({ type: 'RegisterExtensionSchema', data: { urn: of, document: document(name) } }) as const;
    await there.control('acme', register('theirs', urn));
    await there.control('acme', register('theirs', `${urn}:more`.replace(':User:more', 'More:User')));
    await here.control('acme', register('ours', urn));
    await here.import('acme', await there.export('acme'));
    const { state } = await here.control('acme', { type: 'ChangeTenant', data: {} });
    expect([...state.schemas.values()].map((one) => one.status === 'registered' && one.current.schema.name)).toEqual([
      'ours',
      'theirs',
    ]);
  });

  it('X12 brings resource types and their resources, with the values that they alone may hold', async () => {
    const urn = 'urn:acme:Seat';
    const document = { resourceType: 'Custom', attributes: [{ name: 'code', uniqueness: 'server' }] };
    await there.control('acme', { type: 'RegisterExtensionSchema', data: { urn, document } });
    await there.control('acme', {
      type: 'RegisterResourceType',
      data: { name: 'Seat', document: { endpoint: '/Seats', schema: urn } },
    });
    const create = (resourceId: string, code: string) => ({
      tenantId: 'acme',
      resourceId,
      metadata: someMetadata(),
      command: { type: 'CreateResource', data: { attributes: { code }, schema: seats } } as const,
    });
    await there.runner.run(resourceStream, create('s1', 'A-1'));
    await here.import('acme', await there.export('acme'));
    expect(await here.told('acme')).toEqual(await there.told('acme'));
    const { state } = await here.control('acme', { type: 'ChangeTenant', data: {} });
    expect(state.resourceTypes.get('seat')).toMatchObject({ status: 'registered', current: { endpoint: '/Seats' } });
    await expect(here.runner.run(resourceStream, create('s2', 'a-1'))).rejects.toThrow(ClaimTaken);
    await here.runner.run(resourceStream, create('s2', 'A-2'));
  });

  it('keeps lost members from being recorded until it has ended', async () => {
    await live();
    const text = await there.export('acme');
    await expect(here.import('acme', withoutEnd(text))).rejects.toThrow(BadExport);
    expect(here.held).toEqual(['acme']);
    await here.import('acme', text);
    expect(here.held).toEqual([]);
  });
});

describe('an import that was cut off', () => {
  it('goes on anywhere, and nothing is there twice', async () => {
    await live();
    const text = await there.export('acme');
    const lines = text.split('\n').slice(0, -1);
    for (let end = 1; end < lines.length; end += 1)
      await expect(here.import('acme', `${lines.slice(0, end).join('\n')}\n`, 1)).rejects.toThrow('has no end');
    const { written, alreadyThere } = await here.import('acme', text);
    expect([written, alreadyThere]).toEqual([0, lines.length - 2]);
    expect(await here.told('acme')).toEqual(await there.told('acme'));
  });

  it('keeps another export out until it is finished or given up', async () => {
    await live();
    const first = await there.export('acme');
    await expect(here.import('acme', withoutEnd(first), 1)).rejects.toThrow(BadExport);
    const other = await there.export('acme');
    await expect(here.import('acme', other)).rejects.toMatchObject({ code: 'import-unfinished' });
    expect(await here.importer('acme').abandon('r')).toBe(true);
    expect(await here.importer('acme').abandon('r')).toBe(false);
    expect(here.held).toEqual([]);
    await expect(here.import('acme', other)).resolves.toMatchObject({ written: 0 });
  });
});

describe('what a tenant cannot take', () => {
  it('an id that it has already: found before anything is written', async () => {
    await live();
    await here.user('acme', 'u4', createUser('hank'));
    const head = await here.log.head('acme');
    await expect(here.check('acme', await there.export('acme'))).rejects.toThrow(
      'this tenant has another resource under the name user-acme+u4',
    );
    expect(await here.log.head('acme')).toBe(head);
  });

  it('a name that another one holds: said with its line, and what came before it stays', async () => {
    await there.user('acme', 'u1', createUser('first'));
    await there.user('acme', 'u2', createUser('hank'));
    await here.user('acme', 'x1', createUser('Hank'));
    const text = await there.export('acme');
    await expect(here.import('acme', text)).rejects.toThrow('Line 3: the username of user-acme+u2 is taken');
    expect((await here.told('acme')).map(({ resourceId }) => resourceId)).toEqual(['x1', 'u1']);
    await here.user('acme', 'x1', { type: 'DeleteUser', data: {} });
    await expect(here.import('acme', text)).resolves.toEqual({ written: 1, alreadyThere: 1 });
  });

  it('a resource that went on here since it came in', async () => {
    await there.user('acme', 'u1', createUser('bjensen'));
    await here.import('acme', await there.export('acme'));
    await here.user('acme', 'u1', rename('babs'));
    await there.user('acme', 'u1', { type: 'DeleteUser', data: {} });
    await expect(here.import('acme', await there.export('acme'))).rejects.toThrow(
      'user-acme+u1 was changed in this tenant since it was imported',
    );
  });

  it('anything, when there is no such tenant', async () =>
    expect(here.import('globex', await there.export('acme'))).rejects.toMatchObject({ code: 'tenant-not-found' }));
});

describe('a file', () => {
  let text: string;
  beforeEach(async () => {
    await live();
    text = await there.export('acme');
  });
  const refusal = async (changed: string) => here.check('acme', changed).catch((error: unknown) => String(error));

  it('that is whole is taken', async () => expect(await refusal(text)).toBeUndefined());

  it('that was cut off is noticed, wherever', async () => {
    expect(await refusal('')).toBe('BadExport: Line 1: the file is empty.');
    expect(await refusal(withoutEnd(text))).toMatch(/Line \d+: the export has no end; the file was cut off\./);
    for (const length of [10, 500, text.length - 1])
      expect(await refusal(text.slice(0, length))).toMatch(/BadExport: Line \d+: .*cut off/);
  });

  it('that was changed is noticed, however little', async () =>
    expect(await refusal(text.replace('jsmith', 'jsmitt'))).toMatch(/the checksum differs: the file was changed/));

  it('with a line lost or out of place is noticed', async () => {
    const lines = text.split('\n');
    expect(await refusal(lines.toSpliced(4, 1).join('\n'))).toMatch(/should have \d+ events, and has/);
    const [a = '', b = ''] = lines.slice(4, 6);
    expect(await refusal(lines.toSpliced(4, 2, b, a).join('\n'))).toMatch(/Line 6: the event is out of order/);
    expect(await refusal(`${text}${lines[1]}\n`)).toMatch(/has ended on the line before/);
  });

  it('of something else, or of another release, says so', async () => {
    expect(await refusal('{"hello":1}\n')).toBe('BadExport: Line 1: this is not an export of Rollcall.');
    expect(await refusal('no JSON\n')).toMatch(/Line 1: it is not JSON/);
    expect(await refusal(text.replace('"version":1', '"version":2'))).toMatch(
      /has format version 2, this release reads/,
    );
    expect(await refusal(text.replace('"UserCreated"', '"UserMerged"'))).toMatch(
      /Line 2: UserMerged of version 1 is unknown here/,
    );
    expect(await refusal(text.replace('"schemaVersion":1', '"schemaVersion":9'))).toMatch(/UserCreated of version 9/);
  });

  it('with a member that is wrong names it and never what it holds', async () => {
    const wrong = await refusal(text.replace('"revision":0', '"revision":"perpetua"'));
    expect(wrong).toMatch(/Line 2: not what an export holds: revision \(invalid_type\)/);
    expect(wrong).not.toContain('perpetua');
  });

  it('may hold every character that JSON leaves as it is', async () => {
    await there.user('acme', 'u9', createUser('line\u2028paragraph\u2029', { title: '𝄞\u0085' }));
    await here.import('acme', await there.export('acme'));
    expect(await here.told('acme')).toEqual(await there.told('acme'));
  });

  it('has a checksum that any tool can compute', () => {
    const lines = text.split('\n').slice(0, -1);
    const footer = JSON.parse(lines.at(-1) ?? '') as { sha256: string };
    expect(
      createHash('sha256')
        .update(`${lines.slice(0, -1).join('\n')}\n`)
        .digest('hex'),
    ).toBe(footer.sha256);
  });
});

const withoutEnd = (text: string): string => text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1);
