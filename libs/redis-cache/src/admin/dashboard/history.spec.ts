import { figuresWith, statisticsOf } from './figures.fixture.js';
import { History } from './history.js';

describe('the history', () => {
  const at = (atMs: number, nearHits: number, misses: number) =>
    figuresWith({ atMs, counters: { nearHits, misses, loads: misses } });

  it('takes rates from the differences of exact counters, over some seconds', () => {
    const history = new History();
    history.add(at(10_000, 100, 0));
    history.add(at(12_000, 106, 2));
    expect(history.points.map(({ hitRate, loads }) => ({ hitRate, loads }))).toEqual([
      { hitRate: undefined, loads: undefined },
      { hitRate: 0.75, loads: 1 },
    ]);
    for (let atMs = 14_000; atMs <= 30_000; atMs += 2_000) history.add(at(atMs, 106, 2));
    expect(history.points.at(-1)).toMatchObject({ hitRate: undefined, loads: 0 });
  });

  it('begins anew where another process answers, and draws no line over what it missed', () => {
    const history = new History();
    history.add(at(10_000, 1_000, 0));
    history.add(at(12_000, 5, 5));
    expect(history.points.at(-1)).not.toHaveProperty('hitRate');
    history.add(at(60_000, 10, 10));
    expect(history.points.slice(-2)).toMatchObject([{ atMs: 12_001 }, { atMs: 60_000 }]);
    expect(history.points.at(-2)).toEqual({ atMs: 12_001 });
  });

  it('knows from when to when Redis was away', () => {
    const history = new History();
    const connected = (atMs: number, connection: { kind: 'ready'; sinceMs: number }) =>
      figuresWith({ atMs, health: { connection } });
    history.add(connected(10_000, { kind: 'ready', sinceMs: 0 }));
    const away = { kind: 'suspended', sinceMs: 11_000, reason: 'gone' } as const;
    history.add(figuresWith({ atMs: 11_100, health: { connection: away } }));
    expect(history.outages).toEqual([{ fromMs: 11_000, toMs: undefined }]);
    history.add(figuresWith({ atMs: 13_000, health: { connection: away } }));
    history.add(connected(15_000, { kind: 'ready', sinceMs: 14_500 }));
    expect(history.outages).toEqual([{ fromMs: 11_000, toMs: 14_500 }]);
  });

  it('takes what was before from sums of the server, each part of the time once', () => {
    const history = new History();
    history.add(figuresWith({ atMs: 900_000, counters: {} }));
    history.seed([
      statisticsOf({ fromMs: 840_000, toMs: 900_000 }, { nearHits: 30, misses: 30, loads: 60 }),
      statisticsOf({ fromMs: 600_000, toMs: 900_000 }, { nearHits: 120, misses: 30, loads: 300 }),
    ]);
    expect(history.points.slice(0, -1)).toEqual([
      { atMs: 600_000, hitRate: 1, loads: 1, failedLoads: 0 },
      { atMs: 839_999, hitRate: 1, loads: 1, failedLoads: 0 },
      { atMs: 840_000, hitRate: 0.5, loads: 1, failedLoads: 0 },
      { atMs: 899_999, hitRate: 0.5, loads: 1, failedLoads: 0 },
    ]);
  });

  it('forgets what is older than an hour', () => {
    const history = new History();
    for (let minute = 0; minute < 90; minute++) history.add(at(minute * 60_000, minute, 0));
    const [first] = history.points;
    expect(first?.atMs).toBeGreaterThanOrEqual(29 * 60_000);
  });
});
