import { AsyncLocalStorage } from 'node:async_hooks';
import { defer, EMPTY, mergeMap, of, type Observable } from 'rxjs';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import type { ScopedEntry } from '../cache/entry-scope.js';
import type { LoadRequest } from '../cache/load-request.js';
import { NOTHING } from '../cache/nothing.js';
import { durationMs, type Duration } from '../config/duration.js';
import { tenantStorage } from '../tenancy/tenant-scope.js';
import { Bindings, type Binding, type NamedClass } from './cached-method.binding.js';
import type {
  CacheableDefinition,
  CachedMethodDefinition,
  CachePutDefinition,
} from './cached-method.definition.js';
import { Evictions, type EvictCall } from './evictions.js';
import { MethodCall } from './method-call.js';

/** What decorated methods do, with the caches of one application. Nest gives it to each instance. */
export class CacheOperations {
  private readonly bindings: Bindings;
  private readonly evictions: Evictions;

  constructor(private readonly runtime: CacheRuntime) {
    this.bindings = new Bindings(runtime);
    this.evictions = new Evictions(runtime);
  }

  /** Decides cache and policy of a decorator ahead of its first call, so that a slip shows at boot. */
  bind(definition: CachedMethodDefinition, type: NamedClass): Binding {
    return this.bindings.of(definition, type);
  }

  /** Finds out the same way that a method which it overrides has a name of its own. */
  reserve(definition: CachedMethodDefinition, type: NamedClass): void {
    this.bindings.reserve(definition, type);
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
    if (definition.result === 'promise') {
      try {
        return start();
      } catch (error) {
        const reason = error as Error;
        return Promise.reject(reason);
      }
    }
    // Subscribed to later and elsewhere, it still belongs to the tenant that made the call.
    const inContextOfCall = contextOfCall();
    return defer(() => inContextOfCall(attempt, start)).pipe(
      mergeMap((value) => (value === NOTHING ? EMPTY : of(value))),
    );
  }

  private perform(call: MethodCall): Promise<unknown> {
    const { kind } = call.definition;
    const applies = this.applies(call);
    if (applies === false || (applies === undefined && kind === 'cacheable')) {
      if (kind !== 'evict-tags') {
        this.runtime.engine.countBypass(call.binding.cache, 'condition');
      }
      return call.invoke();
    }
    switch (kind) {
      case 'cacheable':
        return this.cacheable(call as MethodCall<CacheableDefinition>);
      case 'put':
        return this.put(call as MethodCall<CachePutDefinition>, applies);
      case 'evict':
      case 'evict-tags':
        return this.evictions.run(call as EvictCall, this.ownerOf(call));
    }
  }

  private cacheable(call: MethodCall<CacheableDefinition>): Promise<unknown> {
    const { engine } = this.runtime;
    const { cache, scopes, policy } = call.binding;
    if (scopes.rollout.isOff) {
      engine.countBypass(cache, 'off');
      return call.invoke();
    }
    const scope = scopes.of(this.ownerOf(call));
    const key = call.key();
    const near = engine.nearHit(scope, key, policy);
    if (near) return near;
    return engine.getOrLoad(this.requestOf(call, scope.entry(key), () => call.invoke()));
  }

  /** @param applies undefined when it could not be decided: then the entry goes instead of being stored */
  private async put(
    call: MethodCall<CachePutDefinition>,
    applies: true | undefined,
  ): Promise<unknown> {
    const owner = this.ownerOf(call);
    const { afterCommit } = call.definition.options;
    if (this.runtime.evictor(afterCommit).inTransaction) return this.evictions.replace(call, owner);
    const request = (key: string, load: LoadRequest['load']): LoadRequest => ({
      ...this.requestOf(call, this.refOf(call, owner, key), load),
      ...(applies ? {} : { unless: () => true }),
    });
    const { engine } = this.runtime;
    if (!call.definition.options.resultKey) {
      return engine.put(request(call.key(), () => call.invoke()));
    }
    const begun = await engine.beginPut(request('', () => undefined));
    const result = await call.invoke();
    if (result === NOTHING) return result;
    const key = this.evictions.resultKey(call, result);
    if (key === undefined) return result;
    await engine.putResult(
      request(key, () => result),
      result,
      begun,
    );
    return result;
  }

  /** Undefined when the condition fails to say. */
  private applies(call: MethodCall): boolean | undefined {
    try {
      return call.condition();
    } catch (error) {
      this.reportPolicyError(call, error);
      return undefined;
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

  private refOf({ binding }: MethodCall, owner: string | null, key: string): ScopedEntry {
    return binding.scopes.of(owner).entry(key);
  }

  private requestOf(
    call: MethodCall<CacheableDefinition | CachePutDefinition>,
    ref: ScopedEntry,
    load: LoadRequest['load'],
  ): LoadRequest {
    const { ttl } = call.definition.options;
    return {
      ref,
      policy: call.binding.policy,
      load,
      takesNothing: call.definition.result === 'observable',
      loading: tenantStorage().getStore()?.loading,
      tags: call.tags(),
      resultTags: (result) => call.resultTags(result),
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

/** What is to come runs in it as if it were called now, with a scope that no later tenant is set in. */
function contextOfCall(): ReturnType<typeof AsyncLocalStorage.snapshot> {
  const storage = tenantStorage();
  const scope = storage.getStore();
  const snapshot = () => AsyncLocalStorage.snapshot();
  // Where the tenant is not known yet it is that which the scope is given.
  return scope?.tenant === undefined ? snapshot() : storage.run({ ...scope }, snapshot);
}
