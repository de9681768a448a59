import { KeyvCacheAdapter } from './keyv-cache.adapter.js';
import { expiresAtMs } from './manager-ttl.js';

/** How a Keyv that serializes nothing hands over a value, and has it back. */
interface KeyvData {
  readonly value?: unknown;
  /** In milliseconds since 1970. */
  readonly expires?: number;
}

/** Behind `stores` of the manager: the very entries that the manager has, under the same keys. */
export class ManagerStore extends KeyvCacheAdapter {
  override async get<T>(key: string): Promise<T | undefined> {
    return (await this.dataOf(key)) as T | undefined;
  }

  override async getMany<T>(keys: string[]): Promise<(T | undefined)[]> {
    return Promise.all(keys.map((key) => this.get<T>(key)));
  }

  override set(key: string, data: KeyvData, ttl?: number): Promise<boolean> {
    return super.set(key, data.value, ttl);
  }

  private async dataOf(key: string): Promise<KeyvData | undefined> {
    const found = await this.cache.getWithTtl(key);
    return found && { value: found.value, expires: expiresAtMs(found) };
  }
}
