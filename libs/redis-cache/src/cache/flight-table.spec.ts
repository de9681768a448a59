import { FakeClock } from '../../../../test/support/fake-clock.js';
import { KeySpace } from '../keys/key-space.js';
import { Flight } from './flight.js';
import { FlightTable } from './flight-table.js';

const ENTRY = { prefix: 'nrc:{acme/lead@1/', key: 'k' };

describe('FlightTable', () => {
  const clock = new FakeClock();

  /** Flights of one entry under way, in the order in which they began. */
  function underWay(table: FlightTable) {
    const flights = ['first', 'second', 'third'].map(() => new Flight(ENTRY, clock));
    for (const flight of flights) table.start(flight);
    return flights as [Flight, Flight, Flight];
  }

  it.each([0, 1, 2])('marks the others still when flight %i of an entry has ended', (ended) => {
    const table = new FlightTable();
    const flights = underWay(table);
    table.end(flights[ended] as Flight);
    expect([table.size, table.countOf(ENTRY)]).toEqual([2, 2]);
    table.invalidate(ENTRY);
    expect(flights.map(({ invalidated }) => invalidated)).toEqual(
      flights.map((_, i) => i !== ended),
    );
  });

  it('knows of those that a call here has overtaken, and not of those that began behind it', () => {
    const table = new FlightTable();
    const flights = underWay(table);
    const other = new Flight({ ...ENTRY, key: 'other' }, clock);
    table.start(other);
    table.overtakeWhere((_, key) => key === ENTRY.key);
    const later = new Flight(ENTRY, clock);
    table.start(later);
    table.invalidate(ENTRY);
    const states = [...flights, later, other].map(({ overtaken, invalidated }) => [
      overtaken,
      invalidated,
    ]);
    expect(states).toEqual([...Array(3).fill([true, true]), [false, true], [false, false]]);
  });

  it('keeps the same key of other tenants, caches and versions apart, and reaches all of them at once', () => {
    const table = new FlightTable();
    const keys = new KeySpace('nrc');
    const flights = [
      keys.scopePrefix('acme', 'lead', 1),
      keys.scopePrefix('acme', 'lead', 2),
      keys.scopePrefix('acme', 'offer', 1),
      keys.scopePrefix('globex', 'lead', 1),
      keys.scopePrefix(null, 'lead', 1),
    ].map((prefix) => new Flight({ prefix, key: 'k' }, clock));
    for (const flight of flights) table.start(flight);
    const marked = () => flights.map(({ invalidated }) => invalidated);
    const { scopePrefix, encodedKey } = keys.splitEntry(keys.entry('acme', 'lead', 2, 'k'));
    table.invalidate({ prefix: scopePrefix, key: encodedKey });
    expect(marked()).toEqual([false, true, false, false, false]);
    const pattern = keys.pattern('acme', 'lead/*');
    table.invalidateWhere((prefix, key) => pattern.takes(keys.entryIn(prefix, key)));
    expect(marked()).toEqual([true, true, false, false, false]);
    table.invalidateAll();
    expect(marked()).toEqual(Array(5).fill(true));
    table.abortAll('the end');
    expect(flights.map(({ aborted }) => aborted)).toEqual(Array(5).fill(true));
  });

  it('is empty when all have ended, in whatever order, and each as often as it likes', () => {
    const table = new FlightTable();
    const [first, second, third] = underWay(table);
    for (const flight of [second, third, second, first, third, first]) table.end(flight);
    expect([table.size, table.countOf(ENTRY)]).toEqual([0, 0]);
  });

  it('still finds a flight when thousands of scopes have had theirs meanwhile', () => {
    const table = new FlightTable();
    const [first] = underWay(table);
    for (let tenant = 0; tenant < 3_000; tenant += 1) {
      const flight = new Flight({ ...ENTRY, prefix: `nrc:{${tenant}/lead@1/` }, clock);
      table.start(flight);
      expect(table.countOf(flight)).toBe(1);
      table.end(flight);
      expect(table.countOf(flight)).toBe(0);
    }
    table.invalidate(ENTRY);
    expect([table.size, first.invalidated]).toEqual([3, true]);
  });
});
