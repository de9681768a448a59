import { begin } from '../resilience/begin.js';
import { asIs } from './as-is.js';
import type { EngineParts } from './engine-parts.js';
import type { EntryLoader } from './entry-loader.js';
import type { EntryPacker } from './entry-packer.js';
import type { ScopedEntry } from './entry-scope.js';
import type { Evictor, Persisted } from './evictor.js';
import { FarBudget } from './far-budget.js';
import { Flight } from './flight.js';
import type { Leases } from './leases.js';
import type { LoadRequest } from './load-request.js';
import type { LoadStart } from './load-start.js';
import type { PersistentWrites } from './persistent-writes.js';
import type { Write, WriteFiller } from './write-filler.js';

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
 * Writes entries. A value at hand is stored by one command that drops the lease, whoever has it, and that Redis
 * refuses when it comes late. Any other write first takes the lease, whoever has it, and then stores under it. So a
 * load in flight is refused, and a write whose command comes late, after an eviction, is refused too.
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
        this.start(request, budget, (start, reached) => {
          const write: Write = { request, flight, budget, value: packed, start };
          const underLease = () => this.setUnderLease(write, reached);
          const atOnce = reached && !flight.doubted && this.filler.canStoreAtOnce(write);
          return atOnce ? this.filler.storeAtOnce(write, underLease) : underLease();
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
      const { start, token } = await this.start(request, budget, (start, reached) => {
        const claimed = (token: string | undefined) => Promise.resolve({ start, token });
        return reached ? this.leases.claim(ref, budget, PUT, claimed) : claimed(undefined);
      });
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
        (await this.filler.fill({
          request,
          flight,
          budget,
          value: packed,
          start,
          token,
          persisted,
        }));
      await this.endPut(ref, flight, stored);
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
      await this.endPut(ref, flight, stored);
    });
  }

  private async endPut(ref: ScopedEntry, flight: Flight, stored: boolean): Promise<void> {
    const { near, flights } = this.parts;
    if (!stored) {
      await this.evictor.evict(ref);
    } else if (flight.overtaken) {
      // The command of the later call may have come before the claim of this one: then it has left the older value.
      flights.invalidateOthers(flight);
      near?.delete(ref.scope, ref.key);
    }
  }

  /**
   * @param then what is made of the stamps under which the write is made, and of whether Redis was reached if it had
   *   to be asked for them; see {@link FarReader.find} for why it is given
   */
  private start<R>(
    request: LoadRequest,
    budget: FarBudget,
    then: (start: LoadStart, reached: boolean) => Promise<R>,
  ): Promise<R> {
    const known = this.loads.startKnown(request);
    if (known) return then(known, true);
    const begunAt = this.parts.stamps.changes;
    return this.loads.start(request, budget).then((asked) => {
      const start = { ...(asked ?? this.loads.startLocally(request)), begunAt };
      return then(start, asked !== undefined);
    });
  }

  /** @param reached whether Redis was, if it was asked for stamps */
  private setUnderLease(write: Write, reached: boolean): Promise<boolean> {
    const { request, flight, budget, value, start } = write;
    // A put that has begun since may have ended, and nobody would know which of them was the later one.
    if (flight.doubted) return this.filler.giveWay(request.ref, flight, undefined);
    const claimed = (token: string | undefined): Promise<boolean> => {
      if (this.filler.isOvertaken(write)) return this.filler.giveWay(request.ref, flight, token);
      const fill = (persisted: Persisted | undefined) =>
        this.filler.fill({ request, flight, budget, value, start, token, persisted });
      const begun = this.persistent.begin(request);
      return begun ? begun.then(fill) : fill(undefined);
    };
    // Whoever has overtaken it may have the lease by now.
    const claims = reached && !flight.overtaken;
    return claims ? this.leases.claim(request.ref, budget, SET, claimed) : claimed(undefined);
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
