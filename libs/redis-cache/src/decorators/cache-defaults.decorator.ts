import type { CachePolicy } from '../config/cache-policy.js';

const CLASS_DEFAULTS = 'nestjs-redis-cache:class-defaults';

/**
 * Policy of every cached method of a class, where neither the method nor the cache's own policy in
 * the module's options says otherwise. A subclass inherits it unless it has its own.
 *
 * @example @CacheDefaults({ ttl: '15m', grace: '1h' })
 */
export function CacheDefaults(
  policy: Omit<CachePolicy, 'persist' | 'enabled' | 'rollout'>,
): ClassDecorator {
  return (target) => {
    Reflect.defineMetadata(CLASS_DEFAULTS, policy, target);
  };
}

/** What {@link CacheDefaults} said about a class or its parents. */
export function classDefaultsOf(type: object): CachePolicy | undefined {
  return Reflect.getMetadata(CLASS_DEFAULTS, type) as CachePolicy | undefined;
}
