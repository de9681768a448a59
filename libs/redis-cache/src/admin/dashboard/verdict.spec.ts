import type { Alert } from '../../cache/alert.js';
import { figuresWith, type Stated } from './figures.fixture.js';
import { Store } from './store.js';
import { verdictOf } from './verdict.js';

describe('the verdict', () => {
  const operator = { principal: { kind: 'operator' }, values: false } as const;

  const of = (stated: Stated, alerts: readonly Alert[] = []) =>
    verdictOf({
      ...new Store().state,
      link: { kind: 'live' },
      session: operator,
      figures: { ...figuresWith(stated), alerts },
    });

  it('is that all is well where nothing is wrong', () => {
    expect(of({ commands: 3 })).toEqual({
      level: 'well',
      title: 'Well',
      detail: 'Redis is used; 99 % of its answers came within 1.00 ms.',
    });
    const memory = { mode: 'memory', connection: null, breaker: null } as const;
    expect(of({ health: memory })).toMatchObject({ level: 'well', detail: /no Redis is set up/ });
    expect(of({ health: { mode: 'memory' } })).toEqual({
      level: 'well',
      title: 'Well',
      detail: 'In this process alone: Redis is told what is evicted.',
    });
  });

  it('is no outage where entries are kept in memory and Redis is only told of evictions', () => {
    const connection = { kind: 'suspended', sinceMs: 5, reason: 'no answer' } as const;
    const journal = { size: 3, unacknowledged: 2 };
    const bus = { trusted: false };
    expect(of({ health: { mode: 'memory', connection, journal, bus } })).toEqual({
      level: 'notice',
      title: 'Redis is not told of evictions yet',
      detail: 'Entries are served from this process. 2 evictions wait for a replay.',
      sinceMs: 5,
    });
    expect(of({ health: { mode: 'memory', bus } })).toMatchObject({
      level: 'trouble',
      detail: 'Until the bus is proven again nothing is kept for long.',
    });
  });

  it('is that the page is blind, whatever the last figures were', () => {
    const link = { kind: 'lost', reason: 'The server cannot be reached' } as const;
    const state = { ...new Store().state, session: operator, figures: figuresWith({}), link };
    expect(verdictOf(state)).toEqual({
      level: 'blind',
      title: 'Not connected',
      detail:
        'The server cannot be reached. This page tries again every second. All figures below are old.',
    });
  });

  it('is the outage before all else that is wrong', () => {
    const verdict = of(
      {
        lastMinute: { loads: 100, loadErrors: 100 },
        health: {
          connection: { kind: 'suspended', sinceMs: 5, reason: 'no answer within 100 ms' },
          bus: { trusted: false },
          journal: { size: 9, unacknowledged: 1 },
        },
      },
      [{ id: '1', kind: 'hitRate', value: 0.1, threshold: 0.5, sinceMs: 1 }],
    );
    expect(verdict).toEqual({
      level: 'outage',
      title: 'Redis is away',
      detail:
        'No answer within 100 ms. Calls are answered from this process, or as without a cache. ' +
        '1 eviction waits for a replay.',
      sinceMs: 5,
    });
  });

  it.each([
    ['connecting', 'outage', { kind: 'connecting' }],
    ['recovering', 'trouble', { kind: 'recovering', sinceMs: 1 }],
    ['closed', 'outage', { kind: 'closed' }],
  ] as const)('is not well while the connection is %s', (_, level, connection) => {
    expect(of({ health: { connection } }).level).toBe(level);
  });

  it.each([
    [{ kind: 'hitRate', value: 0.41, threshold: 0.5 }, 'Hit rate is 41.0 %', 'Alert below 50.0 %.'],
    [
      { kind: 'latency', cache: 'lead', value: 180, threshold: 100 },
      'Calls of lead take 180 ms in the mean',
      'Alert above 100 ms.',
    ],
    [
      { kind: 'errors', value: 0.07, threshold: 0.05 },
      '7.0 % of the work fails',
      'Alert above 5.0 %.',
    ],
    [
      { kind: 'disconnected', value: 31_000, threshold: 30_000 },
      'Redis is away for 31 s',
      'Alert after 30 s.',
    ],
  ] as const)('is the first alert: %j', (alert, title, detail) => {
    const raised = { id: '1', sinceMs: 7, ...alert };
    expect(of({}, [raised])).toEqual({ level: 'trouble', title, detail, sinceMs: 7 });
    const more = of({}, [raised, { ...raised, id: '2' }]).detail;
    expect(more).toBe(`${detail} 1 more below.`);
  });

  it('speaks of failed loads where there are many, and of no sample that is too small', () => {
    expect(of({ lastMinute: { loads: 40, loadErrors: 2 } }).title).toBe('5.0 % of loads failed');
    expect(of({ lastMinute: { loads: 19, loadErrors: 19 } }).level).toBe('well');
    expect(of({ lastMinute: { loads: 1_000, loadErrors: 49 } }).level).toBe('well');
  });

  it('speaks of failed commands, but not of those of an outage that is over', () => {
    const failing = { commands: 40, lastMinute: { farErrors: 4 } };
    expect(of(failing).title).toBe('10.0 % of commands failed');
    const connection = { kind: 'ready', sinceMs: 999_000 } as const;
    expect(of({ ...failing, health: { connection } }).level).toBe('well');
  });

  it.each([
    ['trouble', { bus: { trusted: false } }],
    ['trouble', { lackingPermissions: 'grant +info' }],
    ['notice', { breaker: { kind: 'closed', failures: 2 } }],
  ] as const)('is %s where a part is not well', (level, health) => {
    expect(of({ health }).level).toBe(level);
  });

  it('tells a tenant by the mode alone', () => {
    const period = { fromMs: 0, toMs: 1 };
    const tenant = { principal: 'tenant', tenant: 'acme', period, calls: 1, loads: 1 } as const;
    const levels = (['redis', 'memory', 'fallback'] as const).map((mode) => {
      const own = { ...tenant, mode };
      return verdictOf({ ...new Store().state, link: { kind: 'live' }, session: operator, own })
        .level;
    });
    expect(levels).toEqual(['well', 'well', 'outage']);
  });
});
