import { createClient } from 'redis';
import type { RawClient } from '../contenders/raw.js';

/** A client of node-redis, connected, as code by hand uses it. */
export async function connectNodeRedis(url: string): Promise<RawClient> {
  const client = createClient({ url });
  await client.connect();
  return {
    get: (key) => client.get(key),
    set: (key, value, _unit, ttlMs) => client.set(key, value, { PX: ttlMs }),
    del: (key) => client.del(key),
    disconnect: () => {
      client.destroy();
    },
  };
}
