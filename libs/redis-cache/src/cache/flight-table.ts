import { SharedFlight, type Flight } from './flight.js';

/**
 * Flights under way at most. Past that many, calls go to their method without the cache: the
 * process is drowning already, and a table without a bound would only hide it.
 */
const MAX_FLIGHTS = 10_000;

/** All flights of this process by entry. */
export class FlightTable {
  /** By entry the latest one under way, from which `next` leads to the others. */
  private readonly latest = new Map<string, Flight>();
  private count = 0;

  constructor(private readonly maxFlights = MAX_FLIGHTS) {}

  get size(): number {
    return this.count;
  }

  get full(): boolean {
    return this.count >= this.maxFlights;
  }

  /** The one that calls may join. */
  joinable(key: string): SharedFlight | undefined {
    for (let flight = this.latest.get(key); flight; flight = flight.next) {
      if (flight instanceof SharedFlight && flight.open) return flight;
    }
    return undefined;
  }

  /** From here on the flight is marked by invalidations of its entry. */
  start(flight: Flight): void {
    flight.next = this.latest.get(flight.key);
    this.latest.set(flight.key, flight);
    this.count += 1;
  }

  end(flight: Flight): void {
    // It leads to the others of its entry, and no longer once it has ended.
    if (this.remove(flight)) this.count -= 1;
    flight.end();
    close(flight);
  }

  /** Marks every flight of the entry and lets nobody join them any more. */
  invalidate(key: string): void {
    for (let flight = this.latest.get(key); flight; flight = flight.next) {
      close(flight);
      flight.invalidate();
    }
  }

  /** The same for every entry that `hit` says yes to. */
  invalidateWhere(hit: (key: string) => boolean): void {
    for (const key of this.latest.keys()) if (hit(key)) this.invalidate(key);
  }

  /** The same by a call in this process, which all of them are older than. */
  overtake(key: string): void {
    for (let flight = this.latest.get(key); flight; flight = flight.next) {
      close(flight);
      flight.overtake();
    }
  }

  /** The same for every entry that `hit` says yes to. */
  overtakeWhere(hit: (key: string) => boolean): void {
    for (const key of this.latest.keys()) if (hit(key)) this.overtake(key);
  }

  /** Flights of the entry under way. */
  countOf(key: string): number {
    let count = 0;
    for (let flight = this.latest.get(key); flight; flight = flight.next) count += 1;
    return count;
  }

  /** Marks the flights of the same entry beside this one, and lets nobody join any of them. */
  invalidateOthers(flight: Flight): void {
    for (let other = this.latest.get(flight.key); other; other = other.next) {
      close(other);
      if (other !== flight) other.invalidate();
    }
  }

  /** Marks every flight: what any of them has read may have been invalidated unheard. */
  invalidateAll(): void {
    for (const key of this.latest.keys()) this.invalidate(key);
  }

  abortAll(reason: unknown): void {
    for (const latest of this.latest.values()) {
      for (let flight: Flight | undefined = latest; flight; flight = flight.next) {
        close(flight);
        flight.abort(reason);
      }
    }
  }

  /** @returns whether it was there */
  private remove(flight: Flight): boolean {
    const latest = this.latest.get(flight.key);
    if (latest === flight) {
      if (flight.next) this.latest.set(flight.key, flight.next);
      else this.latest.delete(flight.key);
      return true;
    }
    for (let other = latest; other; other = other.next) {
      if (other.next !== flight) continue;
      other.next = flight.next;
      return true;
    }
    return false;
  }
}

function close(flight: Flight): void {
  if (flight instanceof SharedFlight) flight.open = false;
}
