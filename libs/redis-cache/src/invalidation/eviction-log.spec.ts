import { KeySpace } from '../keys/key-space.js';
import { EvictionLog } from './eviction-log.js';

describe('EvictionLog', () => {
  it('tells what was noted after a point, and not what was before', () => {
    const log = new EvictionLog();
    log.note('a');
    const point = log.point();
    log.note('b');
    expect([log.since('a', point), log.since('b', point), log.since('c', point)]).toEqual([
      false,
      true,
      false,
    ]);
    log.note('a');
    expect(log.since('a', point)).toBe(true);
  });

  it('remembers nothing before anybody has asked, and all that comes after that', () => {
    const log = new EvictionLog(1);
    for (const key of ['a', 'b', 'c']) log.note(key);
    const point = log.point();
    expect([log.since('a', point), log.since('c', point)]).toEqual([false, false]);
    log.note('a');
    expect([log.since('a', point), log.since('c', point)]).toEqual([true, false]);
  });

  it('errs towards yes for what it may have forgotten, past its bound or on demand', () => {
    const log = new EvictionLog(2);
    const early = log.point();
    for (const key of ['a', 'b', 'c']) log.note(key);
    expect(log.since('never noted', early)).toBe(true);
    const late = log.point();
    expect(log.since('never noted', late)).toBe(false);
    log.forget();
    expect(log.since('never noted', late)).toBe(true);
    expect(log.since('never noted', log.point())).toBe(false);
  });
});

describe('EvictionLog: patterns', () => {
  const keys = new KeySpace('crm');
  const lead = keys.entry('acme', 'lead', 1, '1');
  const note = keys.entry('acme', 'note', 1, '1');

  it('are told of for what they take, after the point they were noted at', () => {
    const log = new EvictionLog();
    log.note(lead);
    const before = log.point();
    log.notePattern(keys.pattern('acme', 'lead'));
    expect([log.since(lead, before), log.since(note, before)]).toEqual([true, false]);
    const after = log.point();
    expect(log.since(lead, after)).toBe(false);
    log.notePattern(keys.pattern('acme', 'lead'));
    expect(log.since(lead, after)).toBe(true);
  });

  it('err towards yes once they are forgotten, past their bound or on demand', () => {
    const log = new EvictionLog(10, 1);
    const early = log.point();
    log.note(note);
    log.notePattern(keys.pattern('acme', 'lead'));
    const middle = log.point();
    log.notePattern(keys.pattern('acme', 'other'));
    expect([log.since(lead, early), log.since('any', early)]).toEqual([true, true]);
    expect(log.since(lead, middle)).toBe(false);
    log.forget();
    expect(log.since('any', middle)).toBe(true);
    expect(log.since(lead, log.point())).toBe(false);
  });
});
