import type { Logger } from '@nestjs/common';
import type { CacheEvents } from './cache/cache-events.js';
import type { TypedEmitter } from './resilience/emitter.js';

/** Says once that evictions do not wait for a commit as they should; the event says how often. */
export function warnOfTransactions(events: TypedEmitter<CacheEvents>, logger: Logger): void {
  const stop = events.on('transactionError', ({ error }) => {
    stop();
    logger.error(
      'transaction.current or afterCommit failed; an eviction that should wait for a commit acts at once',
      error,
    );
  });
}
