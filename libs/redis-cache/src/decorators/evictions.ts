import type { CacheRuntime } from '../cache/cache-runtime.js';
import type { CacheEvictDefinition, TagEvictDefinition } from './cached-method.definition.js';
import { NOTHING, type MethodCall } from './method-call.js';

/** A call of a method that `@CacheEvict` stands on. */
export type EvictCall = MethodCall<CacheEvictDefinition> | MethodCall<TagEvictDefinition>;

type Evict = () => Promise<unknown>;

/** What `@CacheEvict` does around a method: an entry, a cache or tags go after it has succeeded. */
export class Evictions {
  constructor(private readonly runtime: CacheRuntime) {}

  /** @param owner whose entries go; found out before the method runs */
  async run(call: EvictCall, owner: string | null): Promise<unknown> {
    // As with the tenant: arguments that make no key are found out before anything is written.
    const byArguments = this.byArguments(call, owner);
    if (call.definition.options.beforeInvocation) {
      await byArguments();
      try {
        return await call.invoke();
      } finally {
        await byArguments();
      }
    }
    const result = await call.invoke();
    if (this.spares(call, result)) return result;
    await byArguments();
    if (result !== NOTHING) await this.byResult(call, owner, result);
    return result;
  }

  /** What goes whatever the result is. */
  private byArguments(call: EvictCall, owner: string | null): Evict {
    const { kind, options } = call.definition;
    if (kind === 'evict-tags') {
      const tags = call.tags();
      return () => this.evictTags(owner, tags);
    }
    if (options.allEntries) return () => this.evictAll(call, owner);
    if (options.resultKey) return () => Promise.resolve();
    const key = call.key();
    return () => this.evictEntry(call, owner, key);
  }

  private async byResult(call: EvictCall, owner: string | null, result: unknown): Promise<void> {
    const { kind, options } = call.definition;
    if (kind === 'evict-tags') await this.evictTags(owner, call.resultTags(result));
    else if (options.resultKey) await this.evictEntry(call, owner, call.resultKey(result));
  }

  private async evictEntry(call: EvictCall, owner: string | null, key: string): Promise<void> {
    await this.runtime.engine.evict(call.binding.scopes.of(owner).entry(key));
  }

  private async evictAll(call: EvictCall, owner: string | null): Promise<void> {
    const { cache, policy } = call.binding;
    const { engine, invalidations } = this.runtime;
    await engine.renewStamp(invalidations.cache(owner, cache, policy.version));
  }

  private async evictTags(owner: string | null, tags: readonly string[]): Promise<void> {
    const { engine, invalidations } = this.runtime;
    await Promise.all(tags.map((tag) => engine.renewStamp(invalidations.tag(owner, tag))));
  }

  private spares(call: EvictCall, result: unknown): boolean {
    // Without a result there is nothing to ask `unless` of.
    if (result === NOTHING) return false;
    try {
      return call.unless(result);
    } catch (error) {
      this.runtime.events.emit('policyError', { cache: call.binding.cache, error });
      return false;
    }
  }
}
