import { Inject } from '@nestjs/common';
import { REDIS_CLIENT } from '../constants/injection.tokens.js';

/**
 * Injects the ioredis client of the cache, for the app's own use; null where no Redis is configured.
 * While Redis is away, commands of a client that this library made fail at once: it has no offline
 * queue. A client of your own behaves as you have set it up.
 *
 * @example constructor(@InjectRedis() private readonly redis: Redis | null) {}
 */
export function InjectRedis(): ParameterDecorator & PropertyDecorator {
  return Inject(REDIS_CLIENT);
}
