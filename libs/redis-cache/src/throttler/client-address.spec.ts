import { InvalidCacheKeyError } from '../errors/invalid-key.error.js';
import { clientAddress } from './client-address.js';

describe('clientAddress', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:0db8:0000::0001', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
  ])('takes %s for %s', (ip, expected) => {
    expect(clientAddress(ip)).toBe(expected);
  });

  it.each([undefined, null, '', 'localhost', '1.2.3', 7])('refuses %p', (ip) => {
    expect(() => clientAddress(ip)).toThrow(InvalidCacheKeyError);
  });
});
