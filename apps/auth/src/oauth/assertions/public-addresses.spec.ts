import { describe, expect, it } from '@jest/globals';
import { InternalAddress, isInternal, lookupPublic } from './public-addresses.js';

describe('X18 an address of our own network', () => {
  it.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.31.0.1', '192.168.1.1', '224.0.0.1'],
    ...['255.255.255.255', '::', '::1', '::ffff:127.0.0.1', '::ffff:169.254.169.254', '::ffff:a00:1', 'fd00::1'],
    ...['fe80::1', 'ff02::1', '64:ff9b::a9fe:a9fe', '2002:7f00:1::'],
  ])('is %s', (address) => expect(isInternal(address)).toBe(true));

  it.each(['1.1.1.1', '20.190.128.1', '172.32.0.1', '192.167.255.255', '2603:1006:2000::1', '::ffff:1.1.1.1'])(
    'is not %s',
    (address) => expect(isInternal(address)).toBe(false),
  );

  it('is not connected to by its name either', () =>
    expect(
      new Promise((resolve) => {
        lookupPublic('localhost', { all: true }, (error) => resolve(error));
      }),
    ).resolves.toBeInstanceOf(InternalAddress));
});
