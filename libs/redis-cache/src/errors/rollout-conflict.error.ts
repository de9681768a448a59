import { RedisCacheError } from './redis-cache.error.js';

/** A rollout has been changed by somebody else since the version that the change was made for. */
export class RolloutConflictError extends RedisCacheError {
  readonly code = 'ROLLOUT_CONFLICT';

  constructor(
    readonly cache: string,
    /** The version that the change was made for. */
    readonly expected: number,
    /** The one that holds. */
    readonly version: number,
  ) {
    super(
      `The rollout of '${cache}' has version ${version}; the change was made for version ${expected}. ` +
        `Look at what it is now, and change that.`,
    );
  }
}
