import { RedisCacheError } from './redis-cache.error.js';

/** A step of a migration would lose sight of entries, or cannot be taken from where it is. */
export class MigrationRefusedError extends RedisCacheError {
  readonly code = 'MIGRATION_REFUSED';

  /** @param step what was asked for, e.g. `The switch of 'lead.byPhone' from shadow to cache-only` */
  constructor(
    readonly step: string,
    problem: string,
    remedy: string,
  ) {
    super(`${step} is refused: ${problem}. ${remedy}`);
  }
}
