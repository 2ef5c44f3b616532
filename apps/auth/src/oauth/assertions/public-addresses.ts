import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Special-use addresses (RFC 6890 and its registries): nothing that others publish on the Internet is there. */
const INTERNAL: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
];

const internal = new BlockList();
for (const [address, prefix] of INTERNAL) internal.addSubnet(address, prefix, `ipv${isIP(address) as 4 | 6}`);

/** Whether an IP address is one of those that reach into our own network, also in the notation of IPv4 within IPv6. */
export const isInternal = (address: string): boolean => internal.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** The host leads into our own network: it is not fetched from (OWASP API7, server-side request forgery). */
export class InternalAddress extends Error {
  constructor() {
    super('The host has an internal address.');
    this.name = 'InternalAddress';
  }
}

/** Looks names up for a connection, and refuses those with an internal address: checked where it is used, so no second look-up can differ. */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error !== null || first === undefined) return callback(error ?? new InternalAddress(), []);
    if (addresses.some(({ address }) => isInternal(address))) return callback(new InternalAddress(), []);
    return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family);
  });
};
