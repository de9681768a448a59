import type { Logger } from '@nestjs/common';
import type { CacheEvents } from '../cache/cache-events.js';
import type { WarmProgress } from '../cache/warm-progress.js';
import type { TypedEmitter } from '../resilience/emitter.js';

/** Says how each warmer ended. */
export function logWarming(events: TypedEmitter<CacheEvents>, logger: Logger): void {
  events.on('warming', (progress) => {
    const { warmer, state, error } = progress;
    switch (state) {
      case 'running':
        return;
      case 'warmed':
        if (progress.failed === 0) logger.log(`Warmer ${warmer}: ${countsOf(progress)}.`);
        else logger.warn(`Warmer ${warmer}: ${countsOf(progress)}; the first that failed:`, error);
        return;
      case 'failed':
        logger.error(`Warmer ${warmer} failed: ${countsOf(progress)}.`, error);
        return;
      case 'elsewhere':
      case 'recent':
      case 'away':
      case 'lost':
      case 'stopped':
        logger.log(`Warmer ${warmer} ${WHY[state]}.`);
        return;
    }
  });
}

const WHY = {
  elsewhere: 'is left to another process',
  recent: 'ran lately, and is left',
  away: 'is left, as Redis is away',
  lost: 'was given up, as another process may have taken over',
  stopped: 'was given up, as the application is closing',
};

function countsOf({ done, failed, durationMs }: WarmProgress): string {
  const failures = failed === 0 ? '' : `, ${failed} failed`;
  return `${done} steps done${failures}, in ${Math.round(durationMs)} ms`;
}
