import type { Flight, SharedFlight } from './flight.js';

/**
 * Flights under way at most. Past that many, calls go to their method without the cache: the
 * process is drowning already, and a table without a bound would only hide it.
 */
const MAX_FLIGHTS = 10_000;

/** All flights of this process by entry. */
export class FlightTable {
  /** The one that calls may join. */
  private readonly shared = new Map<string, SharedFlight>();
  /** Every one under way, to be marked by invalidations. */
  private readonly running = new Map<string, Set<Flight>>();
  private count = 0;

  constructor(private readonly maxFlights = MAX_FLIGHTS) {}

  get size(): number {
    return this.count;
  }

  get full(): boolean {
    return this.count >= this.maxFlights;
  }

  joinable(key: string): SharedFlight | undefined {
    return this.shared.get(key);
  }

  share(flight: SharedFlight): void {
    this.shared.set(flight.key, flight);
    this.start(flight);
  }

  start(flight: Flight): void {
    const flights = this.running.get(flight.key);
    if (flights) flights.add(flight);
    else this.running.set(flight.key, new Set([flight]));
    this.count += 1;
  }

  end(flight: Flight): void {
    flight.end();
    // An invalidation may have made room for a newer flight of the same entry.
    if (this.shared.get(flight.key) === flight) this.shared.delete(flight.key);
    const flights = this.running.get(flight.key);
    if (!flights?.delete(flight)) return;
    if (flights.size === 0) this.running.delete(flight.key);
    this.count -= 1;
  }

  /** Marks every flight of the entry and lets nobody join them any more. */
  invalidate(key: string): void {
    this.shared.delete(key);
    for (const flight of this.running.get(key) ?? []) flight.invalidate();
  }

  /** The same for every entry that `hit` says yes to. */
  invalidateWhere(hit: (key: string) => boolean): void {
    for (const key of this.running.keys()) if (hit(key)) this.invalidate(key);
  }

  /** Flights of the entry under way. */
  countOf(key: string): number {
    return this.running.get(key)?.size ?? 0;
  }

  /** Marks the flights of the same entry beside this one. */
  invalidateOthers(flight: Flight): void {
    this.shared.delete(flight.key);
    for (const other of this.running.get(flight.key) ?? []) {
      if (other !== flight) other.invalidate();
    }
  }

  abortAll(reason: unknown): void {
    this.shared.clear();
    for (const flights of this.running.values()) {
      for (const flight of flights) flight.abort(reason);
    }
  }
}
