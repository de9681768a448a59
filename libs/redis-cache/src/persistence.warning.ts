import type { Logger } from '@nestjs/common';
import type { CacheEvents } from './cache/cache-events.js';
import type { TypedEmitter } from './resilience/emitter.js';

/** Says when the persistent store cannot be used, once for each time, and when it can again. */
export function warnOfPersistence(events: TypedEmitter<CacheEvents>, logger: Logger): void {
  let reason = 'not opened yet';
  let told = false;
  const tell = (): void => {
    if (!told) logger.warn(`The persistent store is away (${reason}): going on without it.`);
    told = true;
  };
  events.on('persistenceError', ({ operation, error }) => {
    reason = error instanceof Error ? error.message : String(error);
    if (operation === 'open') tell();
  });
  events.on('persistence', ({ available }) => {
    if (!available) tell();
    else if (told) logger.log('The persistent store is back.');
    if (available) told = false;
  });
}
