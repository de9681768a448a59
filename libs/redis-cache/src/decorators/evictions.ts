import type { CacheRuntime } from '../cache/cache-runtime.js';
import type { CommitEvictor } from '../cache/commit-evictor.js';
import { NOTHING } from '../cache/nothing.js';
import { assertTags } from '../keys/names.js';
import type {
  CacheEvictDefinition,
  CachePutDefinition,
  TagEvictDefinition,
} from './cached-method.definition.js';
import type { MethodCall } from './method-call.js';

/** A call of a method that `@CacheEvict` stands on. */
export type EvictCall = MethodCall<CacheEvictDefinition> | MethodCall<TagEvictDefinition>;

type PutCall = MethodCall<CachePutDefinition>;

type Evict = (evictor: CommitEvictor) => Promise<unknown>;

/** What `@CacheEvict` does around a method: an entry, a cache or tags go after it has succeeded. */
export class Evictions {
  constructor(private readonly runtime: CacheRuntime) {}

  /** @param owner whose entries go; found out before the method runs */
  async run(call: EvictCall, owner: string | null): Promise<unknown> {
    // As with the tenant: arguments that make no key are found out before anything is written.
    const byArguments = this.byArguments(call, owner);
    const evictor = this.evictorOf(call);
    if (call.definition.options.beforeInvocation) {
      await byArguments(this.runtime.evictor(false));
      try {
        return await call.invoke();
      } finally {
        await byArguments(evictor);
      }
    }
    const result = await call.invoke();
    if (this.spares(call, result)) return result;
    await byArguments(evictor);
    if (result !== NOTHING) await this.byResult(call, owner, result)(evictor);
    return result;
  }

  /** `@CachePut` within a transaction: its result is not committed yet, so the entry is to go. */
  async replace(call: PutCall, owner: string | null): Promise<unknown> {
    const byArguments = call.definition.options.resultKey ? undefined : call.key();
    const result = await call.invoke();
    if (byArguments === undefined && result === NOTHING) return result;
    const key = byArguments ?? this.resultKey(call, result);
    if (key !== undefined) await this.entry(call, owner, key)(this.evictorOf(call));
    return result;
  }

  /**
   * The key of what `@CachePut` has written; undefined where the result makes none. That is told, not thrown,
   * as the method has written by now; of a result that `unless` excludes nobody needs a key.
   */
  resultKey(call: PutCall, result: unknown): string | undefined {
    try {
      return call.resultKey(result);
    } catch (error) {
      if (!this.excludes(call, result)) this.reportPolicyError(call, error);
      return undefined;
    }
  }

  /** What goes whatever the result is. */
  private byArguments(call: EvictCall, owner: string | null): Evict {
    const { kind, options } = call.definition;
    if (kind === 'evict-tags') return this.tags(owner, call.tags());
    if (options.allEntries) return this.allEntries(call, owner);
    return options.resultKey ? nothing : this.entry(call, owner, call.key());
  }

  /** The method has written by now: if the result names nothing that can go, that is told, not thrown. */
  private byResult(call: EvictCall, owner: string | null, result: unknown): Evict {
    try {
      return this.namedBy(call, owner, result);
    } catch (error) {
      this.reportPolicyError(call, error);
      return nothing;
    }
  }

  private namedBy(call: EvictCall, owner: string | null, result: unknown): Evict {
    const { kind, options } = call.definition;
    if (kind === 'evict-tags') return this.tags(owner, assertTags(call.resultTags(result)));
    return options.resultKey ? this.entry(call, owner, call.resultKey(result)) : nothing;
  }

  private entry({ binding }: EvictCall | PutCall, owner: string | null, key: string): Evict {
    const ref = binding.scopes.of(owner).entry(key);
    return (evictor) => evictor.evict(ref);
  }

  private allEntries({ binding }: EvictCall, owner: string | null): Evict {
    const { cache, policy } = binding;
    const all = this.runtime.invalidations.cache(owner, cache, policy.version);
    return (evictor) => evictor.renewStamp(all);
  }

  private tags(owner: string | null, tags: readonly string[]): Evict {
    const tagged = tags.map((tag) => this.runtime.invalidations.tag(owner, tag));
    return (evictor) => Promise.all(tagged.map((each) => evictor.renewStamp(each)));
  }

  private evictorOf({ definition }: EvictCall | PutCall): CommitEvictor {
    return this.runtime.evictor(definition.options.afterCommit);
  }

  private spares(call: EvictCall, result: unknown): boolean {
    // Without a result there is nothing to ask `unless` of.
    return result !== NOTHING && this.excludes(call, result);
  }

  /** What `unless` says; false where it fails to say. */
  private excludes(call: EvictCall | PutCall, result: unknown): boolean {
    try {
      return call.unless(result);
    } catch (error) {
      this.reportPolicyError(call, error);
      return false;
    }
  }

  private reportPolicyError({ binding }: EvictCall | PutCall, error: unknown): void {
    this.runtime.events.emit('policyError', { cache: binding.cache, error });
  }
}

function nothing(): Promise<void> {
  return Promise.resolve();
}
