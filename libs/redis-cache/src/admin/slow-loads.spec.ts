import type { SlowLoad } from './admin.contract.js';
import { SlowLoads } from './slow-loads.js';

const load = (durationMs: number, atMs: number): SlowLoad => ({
  atMs,
  durationMs,
  failed: false,
  tenant: 'acme',
  cache: 'lead',
  key: 'k',
});

describe('SlowLoads', () => {
  const durations = (loads: SlowLoads, nowMs: number) =>
    loads.lately(nowMs).map(({ durationMs }) => durationMs);

  it('keeps the slowest, the slowest first', () => {
    const loads = new SlowLoads(3, 1_000);
    for (const ms of [5, 1, 9, 3, 7, 2]) loads.note(load(ms, 0));
    expect(durations(loads, 0)).toEqual([9, 7, 5]);
  });

  it('forgets them after a time, for those that come then', () => {
    const loads = new SlowLoads(2, 1_000);
    for (const ms of [90, 80]) loads.note(load(ms, 0));
    loads.note(load(10, 1_000));
    expect(durations(loads, 1_000)).toEqual([90, 80]);
    loads.note(load(10, 1_001));
    expect(durations(loads, 1_001)).toEqual([10]);
    expect(durations(loads, 2_002)).toEqual([]);
  });
});
