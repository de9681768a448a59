import { Inject } from '@nestjs/common';
import { REDIS_CLIENT } from '../constants/injection.tokens.js';

/**
 * Injects the ioredis client of the cache, for the app's own use; null where no Redis is configured.
 * Its commands fail at once while Redis is away, for it has no offline queue.
 *
 * @example constructor(@InjectRedis() private readonly redis: Redis | null) {}
 */
export function InjectRedis(): ParameterDecorator & PropertyDecorator {
  return Inject(REDIS_CLIENT);
}
