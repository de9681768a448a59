import type { CachePolicy } from '../config/cache-policy.js';

/**
 * Which caches the persistent store has entries of. It is said in the module's options alone, for
 * whoever evicts has to know, whether it ever stores an entry or not.
 */
export class PersistedCaches {
  private readonly byDefault: boolean;
  private readonly said: ReadonlyMap<string, boolean>;

  constructor(defaults: CachePolicy, caches: Readonly<Record<string, CachePolicy>>) {
    this.byDefault = isOn(defaults.persist ?? false);
    this.said = new Map(
      Object.entries(caches).flatMap(([name, { persist }]) =>
        persist === undefined ? [] : [[name, isOn(persist)]],
      ),
    );
  }

  has(cache: string): boolean {
    return this.said.get(cache) ?? this.byDefault;
  }

  /** Whether there may be one that passes. */
  some(test: (cache: string) => boolean): boolean {
    if (this.byDefault) return true;
    for (const [cache, on] of this.said) if (on && test(cache)) return true;
    return false;
  }
}

function isOn(persist: CachePolicy['persist']): boolean {
  return persist !== false;
}
