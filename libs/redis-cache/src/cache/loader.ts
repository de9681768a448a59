import { outsideAnyCall } from '../resilience/outside-any-call.js';
import { tenantStorage } from '../tenancy/tenant-scope.js';
import type { EngineParts } from './engine-parts.js';
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

  run(request: LoadRequest, flight: Flight): Promise<unknown> {
    const { ref, policy } = request;
    const { clock, events, flights, activities } = this.parts;
    const { counters, latency } = ref.scope.activity;
    const beganMs = clock.nowMs();
    counters.loads += 1;
    activities.loads.add(ref.tenant);
    flight.expireAfter(policy.loadTimeoutMs, () => {
      flights.end(flight);
    });
    const ended = (durationMs: number): void => {
      latency.load.record(durationMs);
      events.emit('load', { entry: ref, durationMs });
    };
    return this.begin(request, flight).then(
      (value) => {
        ended(clock.nowMs() - beganMs);
        return value;
      },
      (error: unknown) => {
        counters.loadErrors += 1;
        const durationMs = clock.nowMs() - beganMs;
        events.emit('loadError', { entry: ref, durationMs, error });
        ended(durationMs);
        throw error;
      },
    );
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
