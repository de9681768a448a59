import { z } from 'zod';

/** What is looked at of an alert of the cache. */
export const cacheAlert = z
  .object({ id: z.string(), state: z.enum(['raised', 'resolved']), text: z.string() })
  .meta({ id: 'CacheAlert' });

export type CacheAlert = z.infer<typeof cacheAlert>;
