import { isIP } from 'node:net';
import { InvalidCacheKeyError } from '../errors/invalid-key.error.js';

/** The network that one subscriber is given: whoever has one address of it has all of them. */
const IPV6_GROUPS_OF_A_SUBSCRIBER = 4;
const IPV6_GROUPS = 8;
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * Who an address stands for: an IPv4 address for itself, also in its IPv6 spelling, and an IPv6 address
 * for its /64 network.
 *
 * @param ip of Express or Fastify, `request.ip`
 * @throws {InvalidCacheKeyError} no IP address: all who come like that would be one
 */
export function clientAddress(ip: unknown): string {
  const [address = ''] = typeof ip === 'string' ? ip.split('%', 1) : [];
  const version = isIP(address);
  if (version === 4) return address;
  if (version === 6) return MAPPED_IPV4.exec(address)?.[1] ?? `${networkOf(address)}::/64`;
  throw new InvalidCacheKeyError(
    'ip of the request',
    address === '' ? 'is missing' : 'is no IP address',
    'Have the HTTP adapter trust the proxy in front of it, or track by something else.',
  );
}

function networkOf(address: string): string {
  // As a host of a URL an address is spelled in one way only, with no IPv4 part.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [first, last] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const known = [...(first ?? []), ...(last ?? [])].length;
  const zeros = tail === undefined ? 0 : IPV6_GROUPS - known;
  const groups = [...(first ?? []), ...Array<string>(zeros).fill('0'), ...(last ?? [])];
  return groups.slice(0, IPV6_GROUPS_OF_A_SUBSCRIBER).join(':');
}
