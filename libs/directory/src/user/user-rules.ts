import { DomainError } from '#event-sourcing';
import { applyDiff, type Attributes, type AttributeDiff, type ScimValue } from '#scim';
import type { TenantSettings } from '#tenancy';
import type { UserEvent, UserState } from './user.js';

/** What a tenant lets its connections do to users. */
export type UserRules = Pick<TenantSettings, 'provisioning' | 'allowedAttributes' | 'verifiedDomains'>;

/**
 * What is left of the events that a command would cause: attributes outside the allow-list are dropped. Throws DomainError `operation-off` for
 * what the tenant has switched off, and `domain-not-verified` for addresses that are new and of another domain. Judged by what would
 * change, so that a request which repeats what is there passes.
 */
export const permittedEvents = (
  events: readonly UserEvent[],
  before: UserState,
  rules: UserRules,
): readonly UserEvent[] => {
  const permitted = events.flatMap((event) => allowed(event, rules.allowedAttributes));
  for (const event of permitted) {
    checkSwitches(event, rules.provisioning);
    checkDomains(event, before, rules.verifiedDomains);
  }
  return permitted;
};

/** Without them an identity provider would not find the user again. */
const alwaysAllowed = ['username', 'externalid'];

const allowed = (event: UserEvent, list: UserRules['allowedAttributes']): readonly UserEvent[] => {
  if (list === 'all') return [event];
  const names = new Set([...alwaysAllowed, ...list.map((name) => name.toLowerCase())]);
  if (event.type === 'UserCreated') {
    const attributes = Object.entries(event.data.attributes).flatMap(([name, value]) => pruned(name, value, names));
    return [{ ...event, data: { ...event.data, attributes: Object.fromEntries(attributes) } }];
  }
  if (event.type !== 'UserAttributesChanged') return [event];
  const changed: AttributeDiff = Object.fromEntries(
    Object.entries(event.data.changed).filter(([path]) => names.has(attributeOf(path))),
  );
  const paths = Object.keys(changed);
  return paths.length === 0 ? [] : [{ ...event, data: { changed, paths } }];
};

/** An attribute when it is allowed, an extension with those of its attributes that are. */
const pruned = (name: string, value: ScimValue, names: ReadonlySet<string>): readonly [string, ScimValue][] => {
  if (!name.includes(':')) return names.has(name.toLowerCase()) ? [[name, value]] : [];
  const container = Object.entries(value as Attributes).filter(([part]) => names.has(`${name}:${part}`.toLowerCase()));
  return container.length === 0 ? [] : [[name, Object.fromEntries(container)]];
};

/** `name.givenName` → `name`; `urn:…:2.0:User:manager.value` → `urn:…:2.0:User:manager`. */
const attributeOf = (path: string): string => {
  const dot = path.indexOf('.', path.lastIndexOf(':') + 1);
  return (dot < 0 ? path : path.slice(0, dot)).toLowerCase();
};

type Switch = Exclude<keyof UserRules['provisioning'], 'groups' | 'resources'>;

/** Total: a new event does not build until somebody says what switches it off. */
const switchOf: Readonly<Record<UserEvent['type'], Switch | undefined>> = {
  UserCreated: 'newUsers',
  UserAttributesChanged: 'profileUpdates',
  UserDeactivated: 'deactivation',
  UserReactivated: 'deactivation',
  UserDeleted: 'deactivation',
  UserErased: undefined, // an operator's act
};

const wordsOf: Readonly<Record<Switch, string>> = {
  newUsers: 'Creating users',
  profileUpdates: 'Changing the attributes of users',
  deactivation: 'Taking access away from users, giving it back and deleting them',
};

const checkSwitches = (event: UserEvent, provisioning: UserRules['provisioning']): void => {
  const name = switchOf[event.type];
  if (name !== undefined && !provisioning[name])
    throw new DomainError('operation-off', `${wordsOf[name]} is switched off here (provisioning.${name}).`);
};

const checkDomains = (event: UserEvent, before: UserState, domains: readonly string[]): void => {
  if (domains.length === 0 || !('data' in event)) return;
  const verified = new Set(domains.map((domain) => domain.toLowerCase()));
  const known = before.status === 'present' ? addressesOf(before.attributes) : [];
  for (const [path, address] of addressesOf(attributesAfter(event, before))) {
    const domain = domainOf(address);
    if (domain === undefined || verified.has(domain) || known.some(([, other]) => other === address)) continue;
    throw new DomainError('domain-not-verified', `"${path}" is outside the verified domains: ${shown(domains)}.`);
  }
};

const attributesAfter = (event: UserEvent, before: UserState): Attributes => {
  if (event.type === 'UserCreated') return event.data.attributes;
  if (event.type !== 'UserAttributesChanged' || before.status !== 'present') return {};
  return applyDiff(before.attributes, event.data.changed);
};

const addressesOf = ({ userName, emails }: Attributes): readonly (readonly [path: string, address: string])[] => [
  ...(typeof userName === 'string' ? [['userName', userName] as const] : []),
  ...(Array.isArray(emails) ? (emails as readonly Attributes[]) : []).flatMap(({ value }) =>
    typeof value === 'string' ? [['emails.value', value] as const] : [],
  ),
];

/** Undefined for a userName that is no address: it belongs to no domain. */
const domainOf = (address: string): string | undefined =>
  address.includes('@') ? address.slice(address.lastIndexOf('@') + 1).toLowerCase() : undefined;

const MOST_SHOWN = 5;
const shown = (domains: readonly string[]): string =>
  domains.length <= MOST_SHOWN ? domains.join(', ') : `${domains.slice(0, MOST_SHOWN).join(', ')} …`;
