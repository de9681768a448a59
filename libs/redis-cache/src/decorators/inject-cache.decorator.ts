import { Inject } from '@nestjs/common';
import { cacheToken } from '../constants/injection.tokens.js';

/**
 * Injects one named cache as a `Cache<T>`. The name must stand in the `caches` of
 * `RedisCacheModule.forRoot`, or in a `RedisCacheModule.forFeature` of the module that injects it.
 *
 * @example constructor(@InjectCache('lead.byId') private readonly leads: Cache<Lead>) {}
 */
export function InjectCache(name: string): ParameterDecorator & PropertyDecorator {
  return Inject(cacheToken(name));
}
