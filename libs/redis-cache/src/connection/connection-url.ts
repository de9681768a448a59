import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { redactUrl } from '../errors/redact.js';

/** What a URL says of a server, by the names ioredis has for it. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly family?: number;
  readonly tls?: true;
}

const TLS_BY_PROTOCOL: Readonly<Record<string, boolean>> = {
  'redis:': false,
  'rediss:': true,
  'valkey:': false,
  'valkeys:': true,
};

const DEFAULT_PORT = 6379;

/** Of addresses: whichever there is, IPv4, IPv6. */
const FAMILIES: readonly number[] = [0, 4, 6];

/**
 * Reads a URL here and not in ioredis, which takes many a slip for the name of a host, knows no
 * `valkey://`, and lets errors carry the whole URL, password and all.
 *
 * @param option path of the option it stands in, for the error
 * @throws {InvalidCacheOptionsError} not such a URL
 */
export function parseConnectionUrl(url: unknown, option: string): ServerAddress {
  const address = typeof url === 'string' ? addressOf(url) : undefined;
  if (address) return address;
  throw new InvalidCacheOptionsError(
    option,
    typeof url === 'string' ? redactUrl(url) : url,
    'a URL such as redis://user:password@host:6379/0 (rediss:// for TLS)',
    `Percent-encode special characters of user and password; use connection: false to run without Redis.`,
  );
}

function addressOf(text: string): ServerAddress | undefined {
  try {
    const url = new URL(text);
    const tls = TLS_BY_PROTOCOL[url.protocol];
    const db = wholeNumber(url.searchParams.get('db') ?? url.pathname.slice(1));
    const family = wholeNumber(url.searchParams.get('family') ?? '');
    if (tls === undefined || url.hostname === '' || Number.isNaN(db)) return undefined;
    if (family !== undefined && !FAMILIES.includes(family)) return undefined;
    const username = decodeURIComponent(url.username);
    const password = decodeURIComponent(url.password) || url.searchParams.get('password');
    return {
      // An IPv6 address stands in brackets in URLs, and nowhere else.
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? DEFAULT_PORT : Number(url.port),
      ...(username && { username }),
      ...(password && { password }),
      ...(db !== undefined && { db }),
      ...(family !== undefined && { family }),
      ...(tls && { tls }),
    };
  } catch {
    // No URL, or a stray % in it. The reason would name the whole URL.
    return undefined;
  }
}

/** Undefined for nothing, NaN for what is no such number. */
function wholeNumber(text: string): number | undefined {
  if (text === '') return undefined;
  return /^\d+$/.test(text) ? Number(text) : NaN;
}
