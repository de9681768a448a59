import type { CacheEvictOptions, TagEvictOptions } from './cached-method.definition.js';
import type { FittingMethodDecorator, NoOptions, OnlyKnown } from './method-fit.js';
import { wrapMethod } from './wrap-method.js';

/**
 * Evicts after the method has succeeded: one entry of a cache, all of them, or whatever has a tag in
 * any cache of the tenant. May stand several times on one method, and beside `@CachePut` or
 * `@Cacheable`.
 *
 * With Redis away the eviction acts in this process and is replayed before Redis is read again; the
 * method's result is answered all the same.
 *
 * Within a transaction (see `transaction.current` of the module) the eviction waits for the commit,
 * and is dropped on rollback; `afterCommit: false` does not wait.
 *
 * @param cache name of the cache; left out, `tags` or `resultTags` say what goes
 * @param options `key` from the arguments, `resultKey` from the result, or `allEntries`
 * @throws {InvalidDecoratorError} while the class is defined: no key for a method of several arguments
 * @example @CacheEvict('lead.byId', { key: (id: string) => id })
 * @example @CacheEvict('lead.list', { allEntries: true })
 * @example @CacheEvict({ tags: (id: string) => [`lead:${id}`] })
 */
export function CacheEvict<const O extends CacheEvictOptions = NoOptions>(
  cache: string,
  options?: OnlyKnown<O, CacheEvictOptions>,
): FittingMethodDecorator<O>;
export function CacheEvict<const O extends TagEvictOptions>(
  options: OnlyKnown<O, TagEvictOptions>,
): FittingMethodDecorator<O>;
export function CacheEvict(
  cacheOrOptions: string | TagEvictOptions,
  options: CacheEvictOptions = {},
): MethodDecorator {
  return (target, property, descriptor) => {
    const statement =
      typeof cacheOrOptions === 'object'
        ? ({ kind: 'evict-tags', cache: undefined, options: cacheOrOptions } as const)
        : ({ kind: 'evict', cache: cacheOrOptions, options } as const);
    wrapMethod('CacheEvict', statement, target, property, descriptor);
  };
}
