import { SharedFlight, type Flight, type FlightPlace } from './flight.js';

/**
 * Flights under way at most. Past that many, calls go to their method without the cache: the
 * process is drowning already, and a table without a bound would only hide it.
 */
const MAX_FLIGHTS = 10_000;

/** Once there are as many scopes without a flight, they are forgotten. */
const MAX_IDLE_SCOPES = 1_000;

/** By key the latest flight under way, from which `next` leads to the others of its entry. */
type ScopeFlights = Map<string, Flight>;

/**
 * All flights of this process by entry: by the prefix of its scope and by its key, both of which are hashed
 * already, or short. To hash the whole Redis key takes longer than all else that is done here.
 */
export class FlightTable {
  private readonly scopes = new Map<string, ScopeFlights>();
  private count = 0;

  constructor(private readonly maxFlights = MAX_FLIGHTS) {}

  get size(): number {
    return this.count;
  }

  get full(): boolean {
    return this.count >= this.maxFlights;
  }

  /** The one that calls may join. */
  joinable(entry: FlightPlace): SharedFlight | undefined {
    for (let flight = this.latest(entry); flight; flight = flight.next) {
      if (flight instanceof SharedFlight && flight.open) return flight;
    }
    return undefined;
  }

  /** From here on the flight is marked by invalidations of its entry. */
  start(flight: Flight): void {
    const { prefix, key } = flight;
    const flights = this.scopes.get(prefix) ?? this.addScope(prefix);
    flight.next = flights.get(key);
    flights.set(key, flight);
    this.count += 1;
  }

  end(flight: Flight): void {
    // It leads to the others of its entry, and no longer once it has ended.
    if (this.remove(flight)) this.count -= 1;
    flight.end();
    close(flight);
  }

  /** Ends the flight past so long, aborted: what it stands for may never end. */
  endAfter(flight: Flight, timeoutMs: number): void {
    flight.expireAfter(timeoutMs, () => this.end(flight));
  }

  /** Marks every flight of the entry and lets nobody join them any more. */
  invalidate(entry: FlightPlace): void {
    markFrom(this.latest(entry), 'invalidate');
  }

  /** The same as what is there is about to be replaced, and is served until then. */
  doubt(entry: FlightPlace): void {
    markFrom(this.latest(entry), 'doubt');
  }

  /** Marks every flight of every entry that `hit` says yes to, and lets nobody join them any more. */
  invalidateWhere(hit: (prefix: string, key: string) => boolean): void {
    this.eachWhere(hit, (latest) => markFrom(latest, 'invalidate'));
  }

  /** The same by a call in this process, which all of them are older than. */
  overtake(entry: FlightPlace): void {
    markFrom(this.latest(entry), 'overtake');
  }

  /** The same for every entry that `hit` says yes to. */
  overtakeWhere(hit: (prefix: string, key: string) => boolean): void {
    this.eachWhere(hit, (latest) => markFrom(latest, 'overtake'));
  }

  /** Flights of the entry under way. */
  countOf(entry: FlightPlace): number {
    let count = 0;
    for (let flight = this.latest(entry); flight; flight = flight.next) count += 1;
    return count;
  }

  /** Marks the flights of the same entry beside this one, and lets nobody join any of them. */
  invalidateOthers(flight: Flight): void {
    for (let other = this.latest(flight); other; other = other.next) {
      close(other);
      if (other !== flight) other.invalidate();
    }
  }

  /** Marks every flight: what any of them has read may have been invalidated unheard. */
  invalidateAll(): void {
    this.invalidateWhere(() => true);
  }

  abortAll(reason: unknown): void {
    const abortFrom = (latest: Flight): void => {
      for (let flight: Flight | undefined = latest; flight; flight = flight.next) {
        close(flight);
        flight.abort(reason);
      }
    };
    this.eachWhere(() => true, abortFrom);
  }

  private latest({ prefix, key }: FlightPlace): Flight | undefined {
    return this.scopes.get(prefix)?.get(key);
  }

  private eachWhere(
    hit: (prefix: string, key: string) => boolean,
    act: (latest: Flight) => void,
  ): void {
    for (const [prefix, flights] of this.scopes) {
      for (const [key, latest] of flights) if (hit(prefix, key)) act(latest);
    }
  }

  private addScope(prefix: string): ScopeFlights {
    // At least as many are idle. To look for them while most are busy would take longer with each that is added.
    if (this.scopes.size - this.count >= MAX_IDLE_SCOPES) {
      for (const [idle, { size }] of this.scopes) if (size === 0) this.scopes.delete(idle);
    }
    const flights: ScopeFlights = new Map();
    this.scopes.set(prefix, flights);
    return flights;
  }

  /** @returns whether it was there */
  private remove(flight: Flight): boolean {
    const { prefix, key, next } = flight;
    const flights = this.scopes.get(prefix);
    const latest = flights?.get(key);
    if (latest === flight) {
      if (next) flights?.set(key, next);
      else flights?.delete(key);
      return true;
    }
    for (let other = latest; other; other = other.next) {
      if (other.next !== flight) continue;
      other.next = next;
      return true;
    }
    return false;
  }
}

function markFrom(latest: Flight | undefined, mark: 'invalidate' | 'overtake' | 'doubt'): void {
  for (let flight = latest; flight; flight = flight.next) {
    close(flight);
    flight[mark]();
  }
}

function close(flight: Flight): void {
  if (flight instanceof SharedFlight) flight.open = false;
}
