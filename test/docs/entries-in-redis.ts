import { RawRedis } from '../integration/support/raw-redis.js';

/** Keys of all entries under a prefix, as they stand in Redis but for the prefix: `{acme/lead@1/7}`. */
export async function entriesInRedis(prefix: string): Promise<string[]> {
  const raw = new RawRedis(String(process.env.REDIS_URL), prefix);
  const keys = await raw.scan();
  await raw.close();
  return keys
    .map((key) => key.slice(prefix.length + 1))
    .filter((key) => key.endsWith('}'))
    .sort();
}
