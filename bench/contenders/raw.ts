import { createRequire } from 'node:module';
import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import type { Bench } from '../measure/bench.js';
import { RAW, RAW_5, RAW_NODE_REDIS, RAW_PIPELINED } from './names.js';

/** What code by hand needs of a client. */
export interface RawClient {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, unit: 'PX', ttlMs: number): Promise<unknown>;
  del(key: string): Promise<number>;
  disconnect(): void;
}

type Connect = () => RawClient | Promise<RawClient>;

const TTL_MS = 3_600_000;

/** The clients that everything is compared with, by name; the reference alone in a quick run. */
export function rawClients({ redisUrl: url, peers, quick }: Bench): ReadonlyMap<string, Connect> {
  const clients = new Map<string, Connect>([[RAW, () => new Redis(url)]]);
  if (quick) return clients;
  clients.set(RAW_5, () => new Redis5(url));
  clients.set(RAW_PIPELINED, () => new Redis(url, { enableAutoPipelining: true }));
  if (peers) clients.set(RAW_NODE_REDIS, () => connectNodeRedis(url));
  return clients;
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

/** Its package is installed with those of the peers. */
function connectNodeRedis(url: string): Promise<RawClient> {
  const load = createRequire(__filename);
  const { connectNodeRedis: connect } = load('../peers/node-redis.ts') as {
    readonly connectNodeRedis: (url: string) => Promise<RawClient>;
  };
  return connect(url);
}
