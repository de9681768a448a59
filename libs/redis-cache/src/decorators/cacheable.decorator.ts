import type { CacheableOptions } from './cached-method.definition.js';
import type { FittingMethodDecorator, NoOptions, OnlyKnown } from './method-fit.js';
import { wrapMethod } from './wrap-method.js';

/**
 * Answers a method from the cache; on a miss the method runs and its result is stored.
 *
 * The method returns a Promise or an Observable; of an Observable the last value is cached, and a hit
 * is an Observable again. Errors of the method reach the caller unchanged and are never cached.
 * Callers that miss at the same time share one run, which sees the tenant of the entry and no other
 * context of its callers.
 *
 * @param cache name of the cache, e.g. `lead.byPhone`; left out, class and method name it
 * @param options key, ttl, condition and whatever of the cache's policy differs here
 * @throws {InvalidDecoratorError} while the class is defined: not a method, or not asynchronous
 * @example @Cacheable('lead.byPhone', { ttl: '15m', key: (phone: string) => toE164(phone) })
 */
export function Cacheable<const O extends CacheableOptions = NoOptions>(
  cache: string,
  options?: OnlyKnown<O, CacheableOptions>,
): FittingMethodDecorator<O>;
export function Cacheable<const O extends CacheableOptions = NoOptions>(
  options?: OnlyKnown<O, CacheableOptions>,
): FittingMethodDecorator<O>;
export function Cacheable(
  cacheOrOptions?: string | CacheableOptions,
  options?: CacheableOptions,
): MethodDecorator {
  const [cache, said = {}] =
    typeof cacheOrOptions === 'string' ? [cacheOrOptions, options] : [undefined, cacheOrOptions];
  return (target, property, descriptor) => {
    wrapMethod(
      'Cacheable',
      { kind: 'cacheable', cache, options: said },
      target,
      property,
      descriptor,
    );
  };
}
