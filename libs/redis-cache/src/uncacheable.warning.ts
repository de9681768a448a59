import type { Logger } from '@nestjs/common';
import type { CacheEvents } from './cache/cache-events.js';
import type { TypedEmitter } from './resilience/emitter.js';

/** Says once for each cache that its values are not stored, and why; the counters say how often. */
export function warnOfUncacheable(events: TypedEmitter<CacheEvents>, logger: Logger): void {
  const warned = new Set<string>();
  events.on('uncacheable', ({ entry: { cache }, reason }) => {
    if (warned.has(cache)) return;
    warned.add(cache);
    logger.warn(`A value of the cache '${cache}' was answered but not stored: ${reason}`);
  });
}
