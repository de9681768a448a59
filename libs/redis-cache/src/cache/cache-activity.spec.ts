import { activitySince, CacheActivity } from './cache-activity.js';

/** A chance that goes through its values again and again. */
function chanceOf(...values: number[]): () => number {
  let index = 0;
  return () => values[index++ % values.length] ?? 0;
}

describe('CacheActivity', () => {
  it('counts every near hit, and has a few stand for all of them', () => {
    const activity = new CacheActivity(Math.random);
    let stoodFor = 0;
    let measured = 0;
    for (let hit = 0; hit < 100_000; hit += 1) {
      if (!activity.countNearHit()) continue;
      stoodFor += activity.measureNearHit(0.001);
      measured += 1;
    }
    expect(activity.counters.nearHits).toBe(100_000);
    expect(stoodFor).toBeGreaterThan(100_000 - 512);
    expect(stoodFor).toBeLessThanOrEqual(100_000);
    expect(activity.latency.near.count).toBe(measured);
    expect(measured).toBeGreaterThan(250);
    expect(measured).toBeLessThan(550);
  });

  it('measures the first hit, and the next after a gap that chance decides', () => {
    const activity = new CacheActivity(chanceOf(2 / 511, 0));
    const stands = Array.from({ length: 8 }, () => {
      const announced = activity.measuresNextHit;
      const isMeasured = activity.countNearHit();
      expect(announced).toBe(isMeasured);
      return isMeasured ? activity.measureNearHit(1) : 0;
    });
    expect(stands).toEqual([1, 0, 0, 3, 1, 0, 0, 3]);
  });

  it('counts reasons along with what they add up to', () => {
    const { counters } = new CacheActivity(Math.random);
    const counted = new CacheActivity(Math.random);
    counted.countMiss('expired');
    counted.countMiss('absent');
    counted.countBypass('condition');
    expect(counted.counters).toEqual({
      ...counters,
      misses: 2,
      missedBy: { ...counters.missedBy, expired: 1, absent: 1 },
      bypassed: 1,
      bypassedBy: { ...counters.bypassedBy, condition: 1 },
    });
  });

  it('gives the same snapshot again while nothing happens', () => {
    const activity = new CacheActivity(Math.random);
    activity.countMiss('absent');
    const first = activity.snapshot();
    expect(activity.snapshot(first)).toBe(first);
    activity.latency.load.record(1);
    const second = activity.snapshot(first);
    expect(second).not.toBe(first);
    expect([first.latency.load.count, second.latency.load.count]).toEqual([0, 1]);
  });

  it('tells what happened between two snapshots', () => {
    const activity = new CacheActivity(Math.random);
    activity.countMiss('absent');
    activity.latency.far.record(1);
    const before = activity.snapshot();
    activity.countMiss('expired');
    activity.latency.far.record(100);
    const { counters, latency } = activitySince(activity.snapshot(), before);
    expect(counters).toMatchObject({ misses: 1, missedBy: { absent: 0, expired: 1 } });
    expect([latency.far.count, latency.far.meanMs]).toEqual([1, 100]);
  });
});
