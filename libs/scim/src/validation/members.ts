import { invalidSyntax, invalidValue } from '../messages/scim-error.js';
import { isObject } from '../values/scim-value.js';
import { storableText } from './simple-value.js';

/** A member as a client names it. `display` and `$ref` are dropped: the server derives them. */
export interface MemberInput {
  readonly value: string;
  readonly type?: 'User' | 'Group';
}

/** Refuses unknown sub-attributes. */
interface MemberOptions {
  readonly strict?: boolean;
}

const idLength = 256;

/** The members in a list or a single one, each id once; nothing for null or an empty list. Throws 400 `invalidValue`. */
export const parseMembers = (value: unknown, { strict }: MemberOptions = {}): readonly MemberInput[] => {
  if (value === undefined || value === null || value === '') return [];
  const members = new Map<string, MemberInput>();
  for (const sent of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
    const member = parseMember(sent, strict === true);
    if (!members.has(member.value)) members.set(member.value, member);
  }
  return [...members.values()];
};

const known: readonly string[] = ['value', 'type', 'display', '$ref'];

const parseMember = (sent: unknown, strict: boolean): MemberInput => {
  if (typeof sent === 'string') return { value: memberId(sent) };
  if (!isObject(sent)) throw invalidValue('"members" must be a list of objects with the sub-attribute "value".');
  let id: unknown;
  let type: unknown;
  for (const name in sent) {
    const key = name.toLowerCase();
    if (key === 'value') id = sent[name];
    else if (key === 'type') type = sent[name];
    else if (strict && !known.includes(key)) throw invalidSyntax(`"members" has no sub-attribute "${name}".`);
  }
  const kind = memberType(type);
  return kind === undefined ? { value: memberId(id) } : { value: memberId(id), type: kind };
};

const memberId = (id: unknown): string => {
  if (typeof id !== 'string' || id === '' || id.length > idLength) {
    throw invalidValue(`"members.value" must be the id of a resource: a string of 1 to ${idLength} characters.`);
  }
  return storableText('members.value', id);
};

/** Other texts are ignored: canonical values are suggestions, and the server knows what a member is. */
const memberType = (type: unknown): MemberInput['type'] => {
  const key = typeof type === 'string' ? type.toLowerCase() : undefined;
  return key === 'user' ? 'User' : key === 'group' ? 'Group' : undefined;
};
