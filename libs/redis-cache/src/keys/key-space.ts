import { InvalidCacheKeyError } from '../errors/invalid-key.error.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { KeyPattern } from './key-pattern.js';
import { parseKeyBody, type ParsedKey } from './key-parser.js';
import type { KeySelection } from './key-selection.js';
import { assertName } from './names.js';
import { encodeSegment } from './segment.js';

const CALLS = ':calls';

const PREFIX = /^(?!:)[A-Za-z0-9._~:-]{1,64}(?<!:)$/;

/**
 * Refuses a prefix that could act as a glob or a hash tag, or blur where it ends.
 *
 * @throws {InvalidCacheOptionsError} not 1 to 64 characters of `[A-Za-z0-9._~:-]`, or `:` at an end
 */
export function assertPrefix(prefix: string): void {
  if (typeof prefix === 'string' && PREFIX.test(prefix)) return;
  throw new InvalidCacheOptionsError(
    'prefix',
    prefix,
    '1 to 64 letters, digits or . _ ~ : - with no colon at either end',
    `Write for instance 'crm' or 'crm:prod'.`,
  );
}

/**
 * The names of everything this library keeps in Redis under one prefix.
 *
 *     crm:{acme/lead.byPhone@1/+15551234567}          entry
 *     crm:{acme/lead.byPhone@1/+15551234567}:lease    its lease
 *     crm:{acme}:stamp                                stamp of a tenant
 *     crm:{acme/lead.byPhone@1}:stamp                 stamp of a cache
 *     crm:{acme/#lead~42}:stamp                       stamp of a tag
 *     crm:{}:stamp                                    stamp of everything
 *     crm:{/settings@1/theme}  crm:{/}:stamp          global scope: an empty tenant
 *     crm:{acme/!chat/user-1}:calls                   calls that count against a rate limit
 *     crm:{acme/!chat/user-1}:block                   who has called too often, and is shut out
 *     crm:{}:probe:<origin>                           what a process writes to hear of it
 *     crm:{#7}:probe:<origin>:<beat>                  the same in a slot of one master of a cluster
 *     crm:{}:taken:<id>                               a webhook call that was taken
 *     crm:{!warm/LeadsWarmer}:done                    work that one process of many does, once done
 *     crm:{!warm/LeadsWarmer}:done:lease              the right to do it
 *     crm:{}:owed                                     what the persistent store has not taken
 *     crm:{}:rollout                                  for whom caches are used, where that was changed
 *     crm:bus  {crm}:bus                              channels of the bus
 *
 * All that identifies an entry is the hash tag, so an entry and its lease share a slot of a cluster
 * and entries spread over it; likewise the calls and the block of a rate limit. Tenants, caches, tags
 * and limits are encoded here by `encodeSegment`; keys arrive encoded. So nothing a user names can
 * close the braces, add a slash or act as a glob, nor begin as a tag or a limit does.
 *
 * `tenant` is the tenant's id, or `null` for the global scope. Every method that takes a tenant, a
 * cache, a tag, a limit or a version throws {@link InvalidCacheKeyError} where it is empty or of another type.
 */
export class KeySpace {
  private readonly opening: string;

  /** @throws {InvalidCacheOptionsError} see {@link assertPrefix} */
  constructor(readonly prefix: string) {
    assertPrefix(prefix);
    this.opening = `${prefix}:{`;
  }

  /** @param encodedKey what `encodeKey` or `encodeArguments` gave */
  entry(tenant: string | null, cache: string, version: number, encodedKey: string): string {
    return this.entryIn(this.scopePrefix(tenant, cache, version), encodedKey);
  }

  /**
   * What the keys of all entries of one cache of one tenant begin with, and no others. Worth keeping
   * by callers on a hot path; followed by `*` it is a pattern for `SCAN`.
   */
  scopePrefix(tenant: string | null, cache: string, version: number): string {
    return `${this.cacheOpening(tenant, cache, version)}/`;
  }

  /** The same as {@link entry}, from a {@link scopePrefix} made before. */
  entryIn(scopePrefix: string, encodedKey: string): string {
    return `${scopePrefix}${encodedKey}}`;
  }

  /** What {@link entryIn} was given to make this key of an entry. */
  splitEntry(entryKey: string): { readonly scopePrefix: string; readonly encodedKey: string } {
    // No segment holds a slash, so the last one is that before the key.
    const at = entryKey.lastIndexOf('/') + 1;
    return { scopePrefix: entryKey.slice(0, at), encodedKey: entryKey.slice(at, -1) };
  }

  /** @param entryKey what {@link entry} gave */
  lease(entryKey: string): string {
    return `${entryKey}:lease`;
  }

  /**
   * @param limit name of the rate limit
   * @param encodedKey who is limited, as `encodeKey` or `encodeArguments` gave it
   */
  limitCalls(tenant: string | null, limit: string, encodedKey: string): string {
    return `${this.tenantOpening(tenant)}!${namedSegment('rate limit', limit)}/${encodedKey}}${CALLS}`;
  }

  /** @param callsKey what {@link limitCalls} gave */
  limitBlock(callsKey: string): string {
    return `${callsKey.slice(0, -CALLS.length)}:block`;
  }

  globalStamp(): string {
    return stamp(this.opening);
  }

  tenantStamp(tenant: string | null): string {
    // The slash keeps the global scope, one owner among many, apart from the stamp of everything.
    return stamp(this.opening + (tenantSegment(tenant) || '/'));
  }

  cacheStamp(tenant: string | null, cache: string, version: number): string {
    return stamp(this.cacheOpening(tenant, cache, version));
  }

  tagStamp(tenant: string | null, tag: string): string {
    return stamp(`${this.tenantOpening(tenant)}#${namedSegment('tag', tag)}`);
  }

  /**
   * The entries of a tenant that a pattern takes.
   *
   * @throws {InvalidCacheOptionsError} see `parsePattern`
   */
  pattern(tenant: string | null, pattern: string): KeyPattern {
    return new KeyPattern(this.tenantOpening(tenant), pattern);
  }

  /** Every key that a tenant has: entries, leases, rate limits, stamps of its caches and tags, its own. */
  tenantKeys(tenant: string): KeySelection {
    const opening = this.tenantOpening(tenant);
    const ownStamp = this.tenantStamp(tenant);
    return {
      match: `${opening.slice(0, -1)}[/}]*`,
      takes: (key) => key.startsWith(opening) || key === ownStamp,
    };
  }

  /** What the keys of a tenant's entries, caches and tags begin with, and no others. */
  tenantPrefix(tenant: string | null): string {
    return this.tenantOpening(tenant);
  }

  /** Where the invalidations stand that the persistent store has not taken. */
  owed(): string {
    return `${this.opening}}:owed`;
  }

  /** Where it stands for whom caches are used, if that is not what the options say. */
  rollouts(): string {
    return `${this.opening}}:rollout`;
  }

  /** Whether a key is that of a stamp of a cache, whosever entries and of whichever version. */
  isStampOf(cache: string, redisKey: string): boolean {
    // Tenants are encoded, so the first slash is that behind the tenant.
    const at = redisKey.indexOf('/', this.opening.length) + 1;
    const name = `${namedSegment('cache', cache)}@`;
    return at > 0 && redisKey.startsWith(name, at) && redisKey.endsWith('}:stamp');
  }

  /** What every key under this prefix begins with, and no key of another prefix does. */
  opens(): string {
    return this.opening;
  }

  /** A key that a process writes to hear of it; `origin` names the process. */
  probe(origin: string): string {
    return `${this.opening}}:probe:${origin}`;
  }

  /** The same for one of many slots of a cluster, by `number`, and for one sign of life. */
  probeIn(number: number, origin: string, beat: string): string {
    return `${this.opening}#${number}}:probe:${origin}:${beat}`;
  }

  /** The sign of life of a process that {@link probeIn} made a key for; undefined for any other key. */
  beatOf(redisKey: string, origin: string): string | undefined {
    const mark = `}:probe:${origin}:`;
    const at = redisKey.indexOf(mark);
    return at < 0 ? undefined : redisKey.slice(at + mark.length);
  }

  /** A key that says of a message from outside that it was taken; `id` is of letters and digits. */
  taken(id: string): string {
    return `${this.opening}}:taken:${id}`;
  }

  /**
   * What stands for work that one process of many does: there once it is done, with a {@link lease}
   * meanwhile. No tenant's segment begins with an exclamation mark.
   */
  work(kind: string, name: string): string {
    return `${this.opening}!${kind}/${namedSegment('name', name)}}:done`;
  }

  /** The pub/sub channel of the bus. */
  channel(): string {
    return `${this.prefix}:bus`;
  }

  /** The channel of the bus for sharded pub/sub; a process's own beside it has the same slot. */
  shardChannel(): string {
    return `{${this.prefix}}:bus`;
  }

  /** Patterns that take in all keys, and all channels, under this prefix. */
  territory(): { keys: string; channels: string[] } {
    return {
      keys: `${this.prefix}:*`,
      channels: [`${this.channel()}*`, `${this.shardChannel()}*`],
    };
  }

  /** Whether a key under this prefix is that of an entry, of a stamp, or of neither. */
  roleOf(redisKey: string): 'entry' | 'stamp' | undefined {
    // Segments are encoded, so the braces of a key close but once.
    if (redisKey.endsWith('}')) return 'entry';
    return redisKey.endsWith('}:stamp') ? 'stamp' : undefined;
  }

  /**
   * What a key found in Redis stands for.
   *
   * @returns `undefined` for a key that this key space never makes, e.g. one of another prefix
   */
  parse(redisKey: string): ParsedKey | undefined {
    if (!redisKey.startsWith(this.opening)) return undefined;
    return parseKeyBody(redisKey.slice(this.opening.length));
  }

  private tenantOpening(tenant: string | null): string {
    return `${this.opening}${tenantSegment(tenant)}/`;
  }

  private cacheOpening(tenant: string | null, cache: string, version: number): string {
    if (!Number.isSafeInteger(version) || version < 0) {
      throw new InvalidCacheKeyError(
        'version',
        `is ${version}`,
        'Give a whole number from 0, and raise it when the cached type changes.',
      );
    }
    return `${this.tenantOpening(tenant)}${namedSegment('cache', cache)}@${version}`;
  }
}

function stamp(opening: string): string {
  return `${opening}}:stamp`;
}

function tenantSegment(tenant: string | null): string {
  return tenant === null ? '' : namedSegment('tenant', tenant);
}

function namedSegment(what: string, name: unknown): string {
  return encodeSegment(assertName(what, name));
}
