import { EvictionLog } from './eviction-log.js';

describe('EvictionLog', () => {
  it('tells what was noted after a point, and not what was before', () => {
    const log = new EvictionLog();
    log.note('a');
    const point = log.now;
    log.note('b');
    expect([log.since('a', point), log.since('b', point), log.since('c', point)]).toEqual([
      false,
      true,
      false,
    ]);
    log.note('a');
    expect(log.since('a', point)).toBe(true);
  });

  it('errs towards yes for what it may have forgotten, past its bound or on demand', () => {
    const log = new EvictionLog(2);
    const early = log.now;
    for (const key of ['a', 'b', 'c']) log.note(key);
    expect(log.since('never noted', early)).toBe(true);
    const late = log.now;
    expect(log.since('never noted', late)).toBe(false);
    log.forget();
    expect(log.since('never noted', late)).toBe(true);
    expect(log.since('never noted', log.now)).toBe(false);
  });
});
