import type { EngineParts } from './engine-parts.js';
import type { EntryPacker, StorableValue } from './entry-packer.js';
import type { FarAccess } from './far-access.js';
import type { FarBudget } from './far-budget.js';
import type { Flight, Outcome } from './flight.js';
import type { Leases } from './leases.js';
import type { Loader } from './loader.js';
import type { LoadRequest } from './load-request.js';
import type { NearKeeper } from './near-keeper.js';

/** Loads a value and stores it, as far as it may be stored. */
export class EntryLoader {
  constructor(
    private readonly parts: EngineParts,
    private readonly access: FarAccess,
    private readonly packer: EntryPacker,
    private readonly leases: Leases,
    private readonly loader: Loader,
    private readonly keeper: NearKeeper,
  ) {}

  /** Holder of the lease: the value goes to Redis, unless the lease was dropped meanwhile. */
  async loadUnderLease(
    request: LoadRequest,
    flight: Flight,
    token: string,
    budget: FarBudget,
  ): Promise<Outcome> {
    const { ref, policy } = request;
    let value: unknown;
    try {
      value = await this.leases.whileHeld(ref, token, flight, () =>
        this.loader.run(request, flight),
      );
    } catch (error) {
      await this.leases.release(ref, token);
      throw error;
    }
    const packed = this.packer.pack(request, value);
    if (packed.kind === 'storable' && !flight.signal.aborted) {
      const fill = await this.fill(request, packed, token, budget);
      if (fill === 'filled') this.keeper.keepStored(flight, ref, policy, packed);
      if (fill === 'away') this.keeper.keepDegraded(flight, ref, policy, packed);
    } else {
      await this.leases.release(ref, token);
    }
    return outcomeOfLoad(value, packed);
  }

  /** Redis is away, or none is configured: the value is kept in this process only. */
  async loadForNear(request: LoadRequest, flight: Flight): Promise<Outcome> {
    const { ref, policy } = request;
    const value = await this.loader.run(request, flight);
    const packed = this.packer.pack(request, value);
    if (packed.kind === 'storable' && !flight.signal.aborted) {
      if (this.parts.far) this.keeper.keepDegraded(flight, ref, policy, packed);
      else this.keeper.keepAlone(flight, ref, policy, packed);
      this.parts.counters(ref.cache).fills += 1;
    }
    return outcomeOfLoad(value, packed);
  }

  /** Without the right to store: the value is answered and goes nowhere else. */
  async loadUnstored(request: LoadRequest, flight: Flight): Promise<Outcome> {
    const value = await this.loader.run(request, flight);
    return outcomeOfLoad(value, this.packer.pack(request, value));
  }

  /** Stores a value under a lease. */
  async fill(
    { ref, policy }: Pick<LoadRequest, 'ref' | 'policy'>,
    packed: StorableValue,
    token: string,
    budget: FarBudget,
  ): Promise<'filled' | 'refused' | 'away'> {
    const counters = this.parts.counters(ref.cache);
    const answer = await this.access.ask('fill', ref, (far) => {
      const bytes = this.packer.toBytes(packed, policy, far.nowMs());
      const lifeMs = packed.ttlMs + policy.graceMs;
      return budget.spend((ms) => far.fill(ref.redisKey, token, bytes, lifeMs, ms));
    });
    if (answer.kind === 'away') return 'away';
    if (answer.value) {
      counters.fills += 1;
      return 'filled';
    }
    counters.refusedFills += 1;
    this.parts.events.emit('fillRefused', { entry: ref });
    return 'refused';
  }
}

function outcomeOfLoad(value: unknown, packed: ReturnType<EntryPacker['pack']>): Outcome {
  if (packed.kind === 'private') return { own: value, held: undefined };
  const { held } = packed;
  // With `share` a miss answers the frozen object as well, so that it looks as a hit will.
  return { own: held.frozen ? held.value : value, held };
}
