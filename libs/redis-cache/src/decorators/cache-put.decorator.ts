import type { CachePutOptions } from './cached-method.definition.js';
import type { FittingMethodDecorator, NoOptions, OnlyKnown } from './method-fit.js';
import { wrapMethod } from './wrap-method.js';

/**
 * Runs a method that writes, always, and stores its result under the key of the entry it changed.
 *
 * If another write or an eviction of the entry comes while the method runs, nobody can tell which
 * of them the source saw last: the entry is evicted then instead of guessed.
 *
 * Within a transaction (see `transaction.current` of the module) nothing is stored, as the result is
 * not committed yet: the entry is evicted after the commit; `afterCommit: false` stores at once.
 *
 * @param cache name of the cache that reads it
 * @param options `key` from the arguments, or `resultKey` from the result
 * @throws {InvalidDecoratorError} while the class is defined: no key for a method of several
 *   arguments, or together with `@Cacheable`
 * @example @CachePut('lead.byId', { resultKey: (lead: Lead) => lead.id })
 */
export function CachePut<const O extends CachePutOptions = NoOptions>(
  cache: string,
  options?: OnlyKnown<O, CachePutOptions>,
): FittingMethodDecorator<O>;
export function CachePut(cache: string, options: CachePutOptions = {}): MethodDecorator {
  return (target, property, descriptor) => {
    wrapMethod('CachePut', { kind: 'put', cache, options }, target, property, descriptor);
  };
}
