import type { RolloutMode } from '../rollout/rollout-state.js';
import { valueless } from '../stores/near-node.js';
import type { EngineParts } from './engine-parts.js';
import type { EntryPacker } from './entry-packer.js';
import type { ScopedEntry } from './entry-scope.js';
import type { EntryStamps } from './entry-stamps.js';
import type { Evictor } from './evictor.js';
import { Flight } from './flight.js';
import type { LoadRequest } from './load-request.js';
import type { StampReader } from './stamp-reader.js';

/** Why a call is not served. */
export type Unserved = Exclude<RolloutMode, 'on'>;

/**
 * What calls come to whose tenant the rollout leaves out: reads go to their load, as if there were no
 * cache, and writes only evict, for the tenant may be served by another process still.
 *
 * In shadow mode it is noted besides which entries there would be by now, in this process alone and
 * without a word to Redis.
 */
export class UnservedCalls {
  constructor(
    private readonly parts: EngineParts,
    private readonly packer: EntryPacker,
    private readonly stampReader: StampReader,
    private readonly evictor: Evictor,
  ) {}

  /** A look-up without a load, which finds nothing. */
  get(ref: ScopedEntry, mode: Unserved): { readonly kind: 'miss' } {
    this.count(ref, mode);
    return { kind: 'miss' };
  }

  /** Runs the load, in the context of its caller. */
  async read(request: LoadRequest, mode: Unserved): Promise<unknown> {
    const isThere = this.count(request.ref, mode);
    if (mode === 'off' || isThere || this.parts.flights.full) return await run(request);
    return this.haunt(request, () => run(request));
  }

  /** Evicts the entry instead of storing it. */
  async set(request: LoadRequest, value: unknown, mode: Unserved): Promise<void> {
    await this.evictor.evict(request.ref);
    if (mode === 'shadow') await this.haunt(request, () => value);
  }

  /** Runs a method that writes, and evicts the entry. */
  async put(request: LoadRequest, mode: Unserved): Promise<unknown> {
    const value = await run(request);
    await this.set(request, value, mode);
    return value;
  }

  /** Counts a call, and judges it in shadow mode. @returns whether the cache would have spared a load */
  private count(ref: ScopedEntry, mode: Unserved): boolean {
    const { scope, key } = ref;
    const { ghosts, flights, clock, calls } = this.parts;
    scope.activity.countBypass(mode);
    calls.note({ status: 'bypass', reason: mode });
    if (mode === 'off') return false;
    const isThere =
      flights.countOf(ref) > 0 || ghosts.get(scope.ghosts, key, clock.nowMs()) !== undefined;
    scope.activity.counters[isThere ? 'shadowHits' : 'shadowMisses'] += 1;
    return isThere;
  }

  /** Notes the entry that there would be of a value, unless an eviction comes while it is made. */
  private async haunt(request: LoadRequest, make: () => unknown): Promise<unknown> {
    const { flights, clock } = this.parts;
    const { ref, tags = [] } = request;
    const stamps = this.stampReader.local(ref, tags);
    const flight = new Flight(ref, clock);
    flights.start(flight);
    flights.endAfter(flight, request.policy.loadTimeoutMs);
    try {
      const value = await make();
      this.note(request, value, flight, stamps);
      return value;
    } finally {
      flights.end(flight);
    }
  }

  private note(request: LoadRequest, value: unknown, flight: Flight, began: EntryStamps): void {
    const { ghosts, clock } = this.parts;
    const { ref } = request;
    const packed = this.packer.pack(request, value);
    if (packed.kind !== 'storable' || flight.invalidated || !began.live) return;
    const tags = this.stampReader.local(ref, packed.resultTags);
    const stamps = [...began.list(), ...tags.tags.values()];
    ghosts.set(
      ref.scope.ghosts,
      ref.key,
      ref.tenant,
      valueless({ keptAtMs: clock.nowMs(), freshForMs: packed.ttlMs, stamps }),
      0,
    );
  }
}

function run({ load }: LoadRequest): unknown {
  return load({ signal: new AbortController().signal });
}
