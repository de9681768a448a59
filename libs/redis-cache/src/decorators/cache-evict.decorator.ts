import type { CacheEvictOptions } from './cached-method.definition.js';
import type { FittingMethodDecorator, NoOptions, OnlyKnown } from './method-fit.js';
import { wrapMethod } from './wrap-method.js';

/**
 * Evicts an entry after the method has succeeded. May stand several times on one method, and beside
 * `@CachePut` or `@Cacheable`.
 *
 * With Redis away the eviction acts in this process; the method's result is answered all the same.
 *
 * @param cache name of the cache
 * @param options `key` from the arguments, or `resultKey` from the result
 * @throws {InvalidDecoratorError} while the class is defined: no key for a method of several arguments
 * @example @CacheEvict('lead.byId', { key: (id: string) => id })
 */
export function CacheEvict<const O extends CacheEvictOptions = NoOptions>(
  cache: string,
  options?: OnlyKnown<O, CacheEvictOptions>,
): FittingMethodDecorator<O>;
export function CacheEvict(cache: string, options: CacheEvictOptions = {}): MethodDecorator {
  return (target, property, descriptor) => {
    wrapMethod('CacheEvict', { kind: 'evict', cache, options }, target, property, descriptor);
  };
}
