import type { RedisCacheModuleOptions } from 'nestjs-redis-cache';

/** For tests in which Redis is well: a busy machine is neither an outage nor a bus that is silent. */
export const PATIENCE = {
  timeouts: { command: 5_000 },
  bus: { silence: 5_000 },
} as const satisfies RedisCacheModuleOptions;
