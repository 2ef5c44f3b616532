/** Every stream of ours starts with it: one prefix for access control lists, and for whoever looks at a server that others use as well. */
const PREFIX = 'rollcall-';
const HEAD = `${PREFIX}head-`;

/** What filters the subscription. No other stream of ours starts like this. */
export const HEAD_PREFIX = HEAD;

/** The stream whose revisions count the tenant's events. */
export const headStream = (tenantId: string): string => HEAD + lowerCase(tenantId);

/** The tenant of a head's stream. */
export const tenantOfHead = (stream: string): string => stream.slice(HEAD.length);

/** Where the events of a stream stand. Named after the tenant as well: the port lets two tenants have streams of one name. */
export const eventStream = (tenantId: string, name: string): string =>
  `${PREFIX}log-${lowerCase(`${tenantId}/${name}`)}`;

/** The stream beside it that tells whether it is closed. */
export const gateStream = (tenantId: string, name: string): string =>
  `${PREFIX}gate-${lowerCase(`${tenantId}/${name}`)}`;

/** The server compares stream names without case within one append, so two that differ in nothing else would be mixed up. */
const lowerCase = (name: string): string => {
  if (name !== name.toLowerCase())
    throw new RangeError(`'${name}' has upper-case letters; KurrentDB stream names must not.`);
  return name;
};
