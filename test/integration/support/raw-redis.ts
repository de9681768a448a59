import { Redis } from 'ioredis';
import { asBuffer } from '../../../libs/redis-cache/src/codec/binary.js';
import { decodeEntry } from '../../../libs/redis-cache/src/codec/envelope.js';
import { encodeKey, type CacheKey } from '../../../libs/redis-cache/src/keys/arguments.js';
import { KeySpace } from '../../../libs/redis-cache/src/keys/key-space.js';

/** Redis as it is, seen past the cache by a plain client. */
export class RawRedis {
  readonly client: Redis;
  readonly keys: KeySpace;

  constructor(url: string, prefix: string) {
    this.client = new Redis(url);
    this.keys = new KeySpace(prefix);
  }

  entryKey(tenant: string | null, key: CacheKey, cache = 'lead'): string {
    return this.keys.entry(tenant, cache, 1, encodeKey(key));
  }

  /** What an entry of JSON holds; undefined where there is none. */
  async stored(tenant: string | null, key: CacheKey): Promise<unknown> {
    const bytes = await this.client.getBuffer(this.entryKey(tenant, key));
    if (!bytes) return undefined;
    const decoded = decodeEntry(bytes);
    if (decoded.kind !== 'entry') throw new Error(`Not an entry: ${decoded.kind}`);
    return JSON.parse(asBuffer(decoded.payload).toString()) as unknown;
  }

  async isLeased(tenant: string | null, key: CacheKey): Promise<boolean> {
    return (await this.client.exists(this.keys.lease(this.entryKey(tenant, key)))) === 1;
  }

  /** Every key that begins with the prefix. */
  async scan(): Promise<string[]> {
    const found: string[] = [];
    for await (const page of this.client.scanStream({
      match: `${this.keys.prefix}:*`,
      count: 500,
    })) {
      found.push(...(page as string[]));
    }
    return found;
  }

  async close(): Promise<void> {
    await this.client.quit();
  }
}
