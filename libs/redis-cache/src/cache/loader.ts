import { outsideAnyCall } from '../resilience/outside-any-call.js';
import { tenantStorage } from '../tenancy/tenant-scope.js';
import type { EngineParts } from './engine-parts.js';
import type { ScopedEntry } from './entry-scope.js';
import type { Flight } from './flight.js';
import type { LoadContext, LoadRequest } from './load-request.js';

/** Makes the signal only for loads that look at it: it costs as much as the rest of a load's context. */
class FlightContext implements LoadContext {
  readonly #flight: Flight;

  constructor(flight: Flight) {
    this.#flight = flight;
  }

  get signal(): AbortSignal {
    return this.#flight.signal;
  }
}

/**
 * Runs the user's loads. A load may be shared by callers or outlive the one that began it, so it
 * runs under the tenant of its entry and under nothing else of that caller: no borrowed
 * transaction, no request.
 */
export class Loader {
  constructor(private readonly parts: EngineParts) {}

  /**
   * @param then what is made of the value, and `failed` of a failure; given to it, not put behind it, as
   * with {@link FarReader.find}
   */
  run<R>(
    request: LoadRequest,
    flight: Flight,
    then: (value: unknown) => R | Promise<R>,
    failed: (error: unknown) => Promise<never> | never = rethrow,
  ): Promise<R> {
    const { ref, policy } = request;
    const { clock, events, flights, activities } = this.parts;
    const { counters } = ref.scope.activity;
    const beganMs = clock.nowMs();
    counters.loads += 1;
    activities.loads.add(ref.tenant);
    flights.endAfter(flight, policy.loadTimeoutMs);
    return this.begin(request, flight).then(
      (value) => {
        this.ended(ref, clock.nowMs() - beganMs);
        return then(value);
      },
      (error: unknown) => {
        counters.loadErrors += 1;
        const durationMs = clock.nowMs() - beganMs;
        events.emit('loadError', { entry: ref, durationMs, error });
        this.ended(ref, durationMs);
        return failed(error);
      },
    );
  }

  private ended(ref: ScopedEntry, durationMs: number): void {
    ref.scope.activity.latency.load.record(durationMs);
    this.parts.events.emit('load', { entry: ref, durationMs });
  }

  /** Whatever the load does, it is a promise. */
  private begin({ ref, load, loading: outer }: LoadRequest, flight: Flight): Promise<unknown> {
    const { tracing } = this.parts;
    const scope = { tenant: ref.tenant, loading: { redisKey: ref.redisKey, outer } };
    const inside = () => tenantStorage().run(scope, () => load(new FlightContext(flight)));
    try {
      const loading = tracing
        ? tracing.load(ref, (enter) => outsideAnyCall(() => enter(inside)))
        : outsideAnyCall(inside);
      return Promise.resolve(loading);
    } catch (error) {
      const reason = error as Error;
      return Promise.reject(reason);
    }
  }

  /**
   * Whether this call is made, at whatever depth, by the load of the same entry. It must not wait
   * for that load then: it would wait for itself.
   */
  isWithin({ ref, loading }: LoadRequest): boolean {
    for (let chain = loading; chain; chain = chain.outer) {
      if (chain.redisKey === ref.redisKey) return true;
    }
    return false;
  }
}

function rethrow(error: unknown): never {
  throw error;
}
