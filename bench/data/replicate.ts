import type { Redis } from 'ioredis';

/** Few enough that Redis answers others in between. */
const BATCH = 1_000;

/** Copies one key to many, within Redis: quicker by far than to have each of them loaded. */
const COPIES = `
local bytes = redis.call('GET', KEYS[1])
for number = tonumber(ARGV[3]), tonumber(ARGV[4]) do
  redis.call('SET', ARGV[1] .. number .. ARGV[2], bytes, 'PX', 3600000)
end`;

/**
 * Entries that are copies of one that a cache has made, under the keys that it would have used.
 *
 * @param keyOf the key of the entry with this number
 * @param count numbers are 0 to below this; the entry with number 0 has to be there
 */
export async function replicate(
  redis: Redis,
  keyOf: (number: string) => string,
  count: number,
): Promise<void> {
  const mark = '<number>';
  const [before = '', after = ''] = keyOf(mark).split(mark);
  for (let from = 1; from < count; from += BATCH) {
    const to = Math.min(from + BATCH, count) - 1;
    await redis.eval(COPIES, 1, keyOf('0'), before, after, from, to);
  }
}
