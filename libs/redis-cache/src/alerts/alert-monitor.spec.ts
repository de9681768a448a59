import { FakeClock } from '../../../../test/support/fake-clock.js';
import { CacheActivities } from '../cache/cache-activities.js';
import type { AlertChange } from '../cache/alert.js';
import type { CacheEvents } from '../cache/cache-events.js';
import { StatisticsReporter, type StatisticsSources } from '../cache/statistics-reporter.js';
import type { ConnectionState } from '../connection/connection-state.js';
import { TypedEmitter } from '../resilience/emitter.js';
import { AlertMonitor } from './alert-monitor.js';
import type { AlertsOptions } from './alerts.options.js';
import { resolveAlerts, type ResolvedAlerts } from './resolve-alerts.js';

const READY: ConnectionState = { kind: 'ready', sinceMs: 0 };
const AWAY: ConnectionState = { kind: 'suspended', sinceMs: 0, reason: 'by command' };

/** A monitor over counters that the test writes. */
function monitoring(options: AlertsOptions = {}, state: ConnectionState | null = READY) {
  const clock = new FakeClock();
  const events = new TypedEmitter<CacheEvents>((_event, error) => {
    throw error;
  });
  const activities = new CacheActivities(() => 0);
  // No more of them is asked for than what happened.
  const parts = { activities, clock } as unknown as StatisticsSources['parts'];
  let now = state ?? undefined;
  const connection = () => now;
  const statistics = new StatisticsReporter({
    parts,
    connectionState: connection,
    busDelayMs: () => undefined,
    malformedMessages: () => 0,
  });
  const settings = resolveAlerts(options) as ResolvedAlerts;
  let ids = 0;
  const newId = () => `alert-${++ids}`;
  const monitor = new AlertMonitor(settings, { clock, events, statistics, connection, newId });
  const changes: AlertChange[] = [];
  events.on('alert', (change) => changes.push(change));
  statistics.start();
  monitor.start();
  const become = (to: ConnectionState) => {
    const from = now as ConnectionState;
    now = to;
    events.emit('state', { from, to });
  };
  return {
    monitor,
    statistics,
    clock,
    changes,
    become,
    told: () => changes.map(({ state: what, kind, cache }) => [what, kind, cache]),
    counters: (cache = 'lead') => activities.of(cache).counters,
    latency: (cache = 'lead') => activities.of(cache).latency,
  };
}

/** From the second window on everything is judged, and nothing of before is in it any more. */
const WINDOW_MS = 70_000;

describe('alerts', () => {
  it('are raised once, with what was measured, and resolved once', async () => {
    const { clock, counters, changes, monitor } = monitoring();
    await clock.advance(WINDOW_MS);
    const lead = counters();
    lead.farHits += 49;
    lead.misses += 51;
    await clock.advance(10_000);
    const raised = {
      id: 'alert-1',
      kind: 'hitRate',
      cache: undefined,
      value: 0.49,
      threshold: 0.5,
      sinceMs: Date.UTC(2026, 0, 1) + WINDOW_MS + 5_000,
    };
    expect(changes).toEqual([{ ...raised, state: 'raised', atMs: raised.sinceMs }]);
    expect(monitor.active).toEqual([raised]);
    lead.farHits += 200;
    await clock.advance(WINDOW_MS);
    expect(changes.slice(1)).toEqual([
      { ...raised, value: 249 / 300, state: 'resolved', atMs: raised.sinceMs + 10_000 },
    ]);
    expect(monitor.active).toEqual([]);
  });

  it('stay as they are between the two levels', async () => {
    const { clock, counters, told, monitor } = monitoring();
    const lead = counters();
    const rate = async (hits: number) => {
      lead.farHits += hits * 10;
      lead.misses += (100 - hits) * 10;
      await clock.advance(WINDOW_MS);
      return told().length;
    };
    await clock.advance(WINDOW_MS);
    expect(await rate(50)).toBe(0);
    expect(await rate(49)).toBe(1);
    expect(await rate(54)).toBe(1);
    expect(monitor.active[0]?.value).toBeCloseTo(0.54);
    expect(await rate(40)).toBe(1);
    expect(await rate(55)).toBe(2);
    expect(await rate(51)).toBe(2);
    expect(await rate(30)).toBe(3);
    expect(told().map(([state]) => state)).toEqual(['raised', 'resolved', 'raised']);
  });

  it('need enough calls, to be raised and to be resolved', async () => {
    const { clock, counters, told } = monitoring();
    await clock.advance(WINDOW_MS);
    counters().misses += 99;
    await clock.advance(30_000);
    expect(told()).toEqual([]);
    counters().misses += 1;
    await clock.advance(5_000);
    expect(told()).toEqual([['raised', 'hitRate', undefined]]);
    await clock.advance(2 * WINDOW_MS);
    counters().farHits += 99;
    await clock.advance(10_000);
    expect(told()).toHaveLength(1);
    counters().farHits += 1;
    await clock.advance(5_000);
    expect(told()).toHaveLength(2);
  });

  it('are not raised by a cold start, before there was a whole window', async () => {
    const { clock, counters, told } = monitoring();
    counters().misses += 1_000;
    await clock.advance(60_000);
    expect(told()).toEqual([]);
    counters().farHits += 10_000;
    await clock.advance(WINDOW_MS);
    expect(told()).toEqual([]);
  });

  it('tell of calls that take too long in the mean: Redis and loads over the number of calls', async () => {
    const { clock, counters, latency, changes } = monitoring({ hitRate: false });
    await clock.advance(WINDOW_MS);
    counters().farHits += 50;
    counters().misses += 50;
    for (let call = 0; call < 100; call += 1) latency().far.record(2);
    for (let load = 0; load < 50; load += 1) latency().load.record(200);
    await clock.advance(5_000);
    expect(changes.map(({ kind, value }) => [kind, value])).toEqual([['latency', 102]]);
    counters().farHits += 8;
    await clock.advance(5_000);
    expect(changes).toHaveLength(1);
    counters().farHits += 15;
    await clock.advance(5_000);
    expect(changes.map(({ state }) => state)).toEqual(['raised', 'resolved']);
  });

  it('tell of errors: of loads and of work with Redis', async () => {
    const { clock, counters, latency, changes } = monitoring();
    await clock.advance(WINDOW_MS);
    for (let work = 0; work < 60; work += 1) {
      latency().far.record(1);
      latency('other').load.record(1);
    }
    counters().farErrors += 3;
    counters('other').loadErrors += 3;
    await clock.advance(5_000);
    expect(changes).toEqual([]);
    counters().farErrors += 1;
    await clock.advance(5_000);
    expect(changes.map(({ kind, value }) => [kind, value])).toEqual([['errors', 7 / 120]]);
    await clock.advance(2 * WINDOW_MS);
    for (let work = 0; work < 100; work += 1) latency().far.record(1);
    await clock.advance(5_000);
    expect(changes.map(({ state }) => state)).toEqual(['raised', 'resolved']);
  });

  it('are of single caches where these are named, beside all together', async () => {
    const { clock, counters, told } = monitoring({
      caches: { summary: { hitRate: { below: 0.9 }, minSample: 10 } },
    });
    await clock.advance(WINDOW_MS);
    counters('lead').farHits += 1_000;
    counters('summary').misses += 10;
    await clock.advance(5_000);
    expect(told()).toEqual([['raised', 'hitRate', 'summary']]);
    counters('summary').farHits += 1_000;
    await clock.advance(5_000);
    expect(told()).toHaveLength(2);
  });

  describe('of the connection', () => {
    it('are raised when Redis has been away long enough, and resolved when it has been back so', async () => {
      const { clock, become, changes, monitor } = monitoring();
      await clock.advance(1_000);
      become(AWAY);
      await clock.advance(28_999);
      expect(changes).toEqual([]);
      become({ kind: 'recovering', sinceMs: 0 });
      become(AWAY);
      await clock.advance(5_001);
      expect(changes).toMatchObject([
        { kind: 'disconnected', state: 'raised', value: 34_000, threshold: 30_000 },
      ]);
      await clock.advance(60_000);
      expect(monitor.active[0]?.value).toBe(94_000);
      become(READY);
      await clock.advance(9_000);
      become(AWAY);
      await clock.advance(60_000);
      expect(changes).toHaveLength(1);
      become(READY);
      await clock.advance(15_000);
      expect(changes.map(({ state }) => state)).toEqual(['raised', 'resolved']);
      expect(changes[1]?.value).toBe(0);
    });

    it('are raised of a Redis that was never there', async () => {
      const { clock, told } = monitoring({}, { kind: 'connecting' });
      await clock.advance(30_000);
      expect(told()).toEqual([['raised', 'disconnected', undefined]]);
    });

    it('are none where no Redis is configured', async () => {
      const { clock, told } = monitoring({}, null);
      await clock.advance(600_000);
      expect(told()).toEqual([]);
    });
  });

  it('look at nothing that is switched off', async () => {
    const { clock, counters, become, told } = monitoring({
      hitRate: false,
      latency: false,
      errors: false,
      disconnected: false,
    });
    become(AWAY);
    counters().misses += 1_000;
    await clock.advance(2 * WINDOW_MS);
    expect(told()).toEqual([]);
  });

  it('are looked for no more after the end, and leave no timer', async () => {
    const { clock, statistics, monitor, become, told } = monitoring();
    await clock.advance(WINDOW_MS);
    monitor.stop();
    statistics.stop();
    become(AWAY);
    expect(clock.pending).toBe(0);
    await clock.advance(600_000);
    expect(told()).toEqual([]);
  });
});
