import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';

/** Names of what code by hand does, with nothing but a client. */
export const RAW = 'ioredis 6, by hand';
export const RAW_5 = 'ioredis 5, by hand';
export const RAW_PIPELINED = 'ioredis 6, auto-pipelining';

/** What code by hand needs of a client. */
export interface RawClient {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, unit: 'PX', ttlMs: number): Promise<unknown>;
  del(key: string): Promise<number>;
  disconnect(): void;
}

const TTL_MS = 3_600_000;

/** The clients that everything is compared with, by name. */
export function rawClients(url: string): ReadonlyMap<string, () => RawClient> {
  return new Map<string, () => RawClient>([
    [RAW, () => new Redis(url)],
    [RAW_5, () => new Redis5(url)],
    [RAW_PIPELINED, () => new Redis(url, { enableAutoPipelining: true })],
  ]);
}

/** Caching as it is written by hand: read, parse, and else load and store. */
export class RawCache<T> {
  loads = 0;

  constructor(private readonly client: RawClient) {}

  async getOrLoad(key: string, load: () => Promise<T>): Promise<T> {
    const text = await this.client.get(key);
    if (text !== null) return JSON.parse(text) as T;
    this.loads += 1;
    const value = await load();
    await this.client.set(key, JSON.stringify(value), 'PX', TTL_MS);
    return value;
  }

  async set(key: string, value: T): Promise<void> {
    await this.client.set(key, JSON.stringify(value), 'PX', TTL_MS);
  }

  close(): void {
    this.client.disconnect();
  }
}
