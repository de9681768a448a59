import { AsyncLocalStorage } from 'node:async_hooks';
import { defer, EMPTY, mergeMap, of, type Observable } from 'rxjs';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import type { EntryRef } from '../cache/entry-ref.js';
import type { LoadRequest } from '../cache/load-request.js';
import { durationMs, type Duration } from '../config/duration.js';
import { tenantStorage } from '../tenancy/tenant-scope.js';
import { Bindings, type Binding } from './cached-method.binding.js';
import type {
  CacheableDefinition,
  CachedMethodDefinition,
  CacheEvictDefinition,
  CachePutDefinition,
} from './cached-method.definition.js';
import { MethodCall, NOTHING } from './method-call.js';

/** What decorated methods do, with the caches of one application. Nest gives it to each instance. */
export class CacheOperations {
  private readonly bindings: Bindings;

  constructor(private readonly runtime: CacheRuntime) {
    this.bindings = new Bindings(runtime.policies);
  }

  /** Decides cache and policy of a decorator ahead of its first call, so that a slip shows at boot. */
  bind(definition: CachedMethodDefinition, type: object & { name: string }): Binding {
    return this.bindings.of(definition, type);
  }

  /** Does what the decorator says; answers with a Promise or an Observable, as the method does. */
  run(
    definition: CachedMethodDefinition,
    instance: object,
    args: unknown[],
    original: (this: unknown, ...args: unknown[]) => unknown,
  ): Promise<unknown> | Observable<unknown> {
    const start = () => {
      const binding = this.bindings.of(definition, instance.constructor);
      return this.perform(new MethodCall(definition, binding, instance, args, original));
    };
    if (definition.result === 'promise') return attempt(start);
    // Subscribed to later and elsewhere, it still belongs to the tenant that made the call.
    const inContextOfCall = AsyncLocalStorage.snapshot();
    return defer(() => inContextOfCall(attempt, start)).pipe(
      mergeMap((value) => (value === NOTHING ? EMPTY : of(value))),
    );
  }

  private perform(call: MethodCall): Promise<unknown> {
    if (!this.applies(call)) {
      this.runtime.engine.countBypass(call.binding.cache);
      return call.invoke();
    }
    switch (call.definition.kind) {
      case 'cacheable':
        return this.cacheable(call as MethodCall<CacheableDefinition>);
      case 'put':
        return this.put(call as MethodCall<CachePutDefinition>);
      case 'evict':
        return this.evict(call as MethodCall<CacheEvictDefinition>);
    }
  }

  private cacheable(call: MethodCall<CacheableDefinition>): Promise<unknown> {
    const ref = this.refOf(call, this.ownerOf(call), call.key());
    return this.runtime.engine.getOrLoad(this.requestOf(call, ref, () => call.invoke()));
  }

  private async put(call: MethodCall<CachePutDefinition>): Promise<unknown> {
    const owner = this.ownerOf(call);
    const { engine } = this.runtime;
    if (!call.definition.options.resultKey) {
      const ref = this.refOf(call, owner, call.key());
      return engine.put(this.requestOf(call, ref, () => call.invoke()));
    }
    const result = await call.invoke();
    if (result === NOTHING) return result;
    const ref = this.refOf(call, owner, call.keyWith(result));
    return engine.put(this.requestOf(call, ref, () => result));
  }

  private async evict(call: MethodCall<CacheEvictDefinition>): Promise<unknown> {
    const owner = this.ownerOf(call);
    if (call.definition.options.beforeInvocation) {
      const ref = this.refOf(call, owner, call.key());
      await this.runtime.engine.evict(ref);
      try {
        return await call.invoke();
      } finally {
        await this.runtime.engine.evict(ref);
      }
    }
    const result = await call.invoke();
    if (!this.spared(call, result)) {
      await this.runtime.engine.evict(this.refOf(call, owner, call.keyWith(result)));
    }
    return result;
  }

  private applies(call: MethodCall): boolean {
    try {
      return call.condition();
    } catch (error) {
      this.reportPolicyError(call, error);
      // An eviction that cannot be decided on is made: a needless miss does no harm.
      return call.definition.kind === 'evict';
    }
  }

  private spared(call: MethodCall, result: unknown): boolean {
    try {
      return call.unless(result);
    } catch (error) {
      this.reportPolicyError(call, error);
      return false;
    }
  }

  private reportPolicyError(call: MethodCall, error: unknown): void {
    this.runtime.events.emit('policyError', { cache: call.binding.cache, error });
  }

  /** Found out before the method runs: a write without a tenant must not happen at all. */
  private ownerOf(call: MethodCall): string | null {
    const { policy } = call.binding;
    return this.runtime.tenants.ownerOf(policy.scope, call.tenant(), () => call.definition.place);
  }

  private refOf({ binding }: MethodCall, owner: string | null, key: string): EntryRef {
    return this.runtime.refOf(binding.cache, binding.policy, owner, key);
  }

  private requestOf(
    call: MethodCall<CacheableDefinition | CachePutDefinition>,
    ref: EntryRef,
    load: LoadRequest['load'],
  ): LoadRequest {
    const { ttl } = call.definition.options;
    return {
      ref,
      policy: call.binding.policy,
      load,
      loading: tenantStorage().getStore()?.loading,
      unless: (result) => call.unless(result),
      ttlMs: typeof ttl === 'function' ? (result) => this.ttlMs(call, ttl, result) : undefined,
    };
  }

  private ttlMs(
    call: MethodCall,
    ttl: (result: never, ...args: never[]) => Duration,
    result: unknown,
  ): number {
    return durationMs(call.withResult(ttl, result), `ttl of ${call.definition.place}`);
  }
}

/** Whatever goes wrong before the Promise is there rejects it, as in any async method. */
async function attempt(start: () => Promise<unknown>): Promise<unknown> {
  return start();
}
