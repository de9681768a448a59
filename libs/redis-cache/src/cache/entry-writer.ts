import { begin } from '../resilience/begin.js';
import { asIs } from './as-is.js';
import type { EngineParts } from './engine-parts.js';
import type { EntryLoader } from './entry-loader.js';
import type { EntryPacker } from './entry-packer.js';
import type { Evictor, Persisted } from './evictor.js';
import { FarBudget } from './far-budget.js';
import { Flight } from './flight.js';
import type { Leases } from './leases.js';
import type { LoadRequest } from './load-request.js';
import type { LoadStart } from './load-start.js';
import type { PersistentWrites } from './persistent-writes.js';
import type { Claim, WriteFiller } from './write-filler.js';

/** A write is final if its value is at hand; see also {@link Leases.claim}. */
interface Kind {
  readonly final: boolean;
}

const SET: Kind = { final: true };
const PUT: Kind = { final: false };

/** Where a write began whose key only its result names. */
export interface PutStart {
  readonly start: LoadStart;
  /** Of the eviction log. */
  readonly point: number;
}

/**
 * Writes entries. A write first takes the lease, whoever has it, and then stores under it: so a load
 * in flight is refused, and a write whose command comes late, after an eviction, is refused too.
 *
 * @see https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/ on fencing by token
 */
export class EntryWriter {
  constructor(
    private readonly parts: EngineParts,
    private readonly packer: EntryPacker,
    private readonly leases: Leases,
    private readonly loads: EntryLoader,
    private readonly evictor: Evictor,
    private readonly persistent: PersistentWrites,
    private readonly filler: WriteFiller,
  ) {}

  /**
   * Stores a value that is at hand. Whoever comes in between is the later one, and wins. A value
   * that is not to be stored, for its size or a ttl of 0, still replaces the earlier one: by nothing.
   *
   * @returns whether the entry now stands for this value
   * @throws {UncacheableValueError} the value cannot be carried so that it comes out as it went in
   */
  set(request: LoadRequest, value: unknown): Promise<boolean> {
    return begin(() => {
      const packed = this.packer.packExactly(request, value);
      if (packed.kind !== 'storable') return this.evictor.evict(request.ref).then(() => false);
      return this.during(request, SET, (flight, budget) =>
        this.claim(request, flight, budget, SET, (claim) => {
          if (this.isOvertaken(flight, claim.start)) {
            return this.filler.giveWay(request.ref, flight, claim.token);
          }
          const store = (persisted: Persisted | undefined) =>
            this.filler.fill({ request, flight, budget, value: packed, ...claim, persisted });
          const begun = this.persistent.begin(request);
          return begun ? begun.then(store) : store(undefined);
        }),
      );
    });
  }

  /**
   * Runs a method that changes the source of the entry, and stores its result.
   *
   * The lease is taken before the method begins. If it was taken over meanwhile, by another write or
   * an eviction, nobody can tell which of them the source saw last: then the entry is evicted. If the
   * method fails, the entry stays as it is; where the claim displaced a `set`, there is none any more.
   */
  async put(request: LoadRequest): Promise<unknown> {
    return this.during(request, PUT, async (flight, budget) => {
      const { ref } = request;
      const claim = await this.claim(request, flight, budget, PUT, asIs);
      const { token } = claim;
      // A method may never end. The lease is then kept for no longer, nor the flight.
      this.parts.flights.endAfter(flight, request.policy.loadTimeoutMs);
      const begun = await this.persistent.begin(request);
      const method = () => request.load({ signal: flight.signal });
      const stopKeeping = token && this.leases.keep(ref, token, flight);
      let value: unknown;
      try {
        value = await method();
      } catch (error) {
        if (token) await this.leases.release(ref, token);
        throw error;
      } finally {
        if (stopKeeping) stopKeeping();
      }
      const packed = this.packer.pack(request, value);
      const persisted = begun && (await this.persistent.end(ref, begun));
      const stored =
        packed.kind === 'storable' &&
        (await this.filler.fill({ request, flight, budget, value: packed, ...claim, persisted }));
      if (!stored) await this.evictor.evict(ref);
      return value;
    });
  }

  /** Notes where a write begins whose key is not known yet; the request's key is of no meaning. */
  async beginPut(request: LoadRequest): Promise<PutStart> {
    const { evictionLog, commandTimeoutMs, clock } = this.parts;
    const point = evictionLog.point();
    if (request.ref.scope.mode !== 'on') return { point, start: this.loads.startLocally(request) };
    const budget = new FarBudget(commandTimeoutMs, clock);
    const start = await this.loads.start(request, budget);
    return { point, start: start ?? this.loads.startLocally(request) };
  }

  /**
   * Stores what a method has written, once its key is known. No lease could be held meanwhile: if the
   * entry was evicted or replaced since the method began, or nobody can say, it is evicted instead.
   */
  async putResult(request: LoadRequest, value: unknown, { point, start }: PutStart): Promise<void> {
    const { ref } = request;
    if (!start.served) {
      await this.evictor.evict(ref);
      return;
    }
    await this.during(request, PUT, async (flight, budget) => {
      const token = await this.leases.claim(ref, budget, PUT, asIs);
      const packed = this.packer.pack(request, value);
      const { far, coherence, evictionLog } = this.parts;
      // What is kept here alone goes with the message, however late that is.
      const upToDate = far === undefined || (await coherence.upToDate());
      const overtaken = !upToDate || evictionLog.since(ref.redisKey, point);
      const stored =
        !overtaken &&
        packed.kind === 'storable' &&
        (await this.filler.fill({
          request,
          flight,
          budget,
          value: packed,
          token,
          start,
          persisted: await this.persistent.forget(request),
        }));
      if (!stored) await this.evictor.evict(ref);
    });
  }

  /**
   * The lease and the stamps under which the write is made; without a lease when Redis is away.
   *
   * @param then what is made of them; see {@link FarReader.find} for why it is given
   */
  private claim<R>(
    request: LoadRequest,
    flight: Flight,
    budget: FarBudget,
    kind: Kind,
    then: (claim: Claim) => R | Promise<R>,
  ): Promise<R> {
    const { ref } = request;
    const claim = (start: LoadStart) =>
      this.leases.claim(ref, budget, kind, (token) => then({ token, start }));
    const known = this.loads.startKnown(request);
    if (known) return claim(known);
    const begunAt = this.parts.stamps.changes;
    return this.loads.start(request, budget).then((asked) => {
      const start = { ...(asked ?? this.loads.startLocally(request)), begunAt };
      // Whoever has overtaken a set may have the lease by now.
      const claims = asked && !(kind.final && flight.overtaken);
      return claims ? claim(start) : then({ token: undefined, start });
    });
  }

  /**
   * Whether a later call in this process has evicted or set the entry while the lease was asked for. That
   * call's command may have gone out first, and then Redis does not refuse this one.
   */
  private isOvertaken(flight: Flight, { stamps, begunAt }: LoadStart): boolean {
    return flight.overtaken || this.parts.stamps.renewedSince(stamps.list(), begunAt);
  }

  private during<T>(
    { ref }: LoadRequest,
    { final }: Kind,
    write: (flight: Flight, budget: FarBudget) => Promise<T>,
  ): Promise<T> {
    const { flights, clock, commandTimeoutMs } = this.parts;
    // A put takes the place of a set, and of what is there, only once its method has succeeded.
    if (final) flights.overtake(ref);
    else flights.doubt(ref);
    const flight = new Flight(ref, clock);
    flights.start(flight);
    return begin(() => write(flight, new FarBudget(commandTimeoutMs, clock))).then(
      (outcome) => {
        flights.end(flight);
        return outcome;
      },
      (error: unknown) => {
        flights.end(flight);
        throw error;
      },
    );
  }
}
