import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { controlStreamName, isStreamOf, parseStreamName, streamName, SYSTEM_TENANT } from './stream-name.js';

const tenantIds = fc.stringMatching(/^[a-z0-9-]{1,63}$/);

describe('stream names', () => {
  it('tell kind and id again, whatever the tenant', () => {
    fc.assert(
      fc.property(fc.constantFrom('user', 'group', 'resource', 'claim'), tenantIds, fc.uuid(), (kind, tenantId, id) => {
        expect(parseStreamName(streamName(kind, tenantId, id))).toEqual({ kind, id });
      }),
    );
  });

  it('of two tenants never meet, even where one tenant id continues another', () => {
    fc.assert(
      fc.property(tenantIds, tenantIds, fc.uuid(), (a, b, id) => {
        fc.pre(a !== b);
        expect(streamName('user', a, id)).not.toBe(streamName('user', b, id));
      }),
    );
  });

  it('tell whose they are', () => {
    const name = streamName('user', 'a-b', '7');
    expect(isStreamOf(name, 'a-b')).toBe(true);
    expect(isStreamOf(name, 'a-b', '7')).toBe(true);
    for (const other of ['a', 'b', 'a-b-c']) expect(isStreamOf(name, other)).toBe(false);
    expect(isStreamOf(name, 'a-b', '8')).toBe(false);
  });

  it('of the control plane have no id: there is one a tenant, and one of the operators', () => {
    expect(streamName('control', 'acme', '')).toBe('control-acme');
    expect(controlStreamName(SYSTEM_TENANT)).toBe('control-system');
    expect(parseStreamName('control-acme')).toEqual({ kind: 'control', id: '' });
  });

  it.each(['', 'user', 'device-acme+1', 'User-acme+1', '-acme+1'])('%j is none', (name) =>
    expect(() => parseStreamName(name)).toThrow(RangeError),
  );
});
