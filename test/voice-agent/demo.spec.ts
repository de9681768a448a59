import { generateTraffic } from '../../apps/voice-agent/demo/generate-traffic.js';
import { percentile } from '../../apps/voice-agent/src/demo/report.js';
import { storedTraffic } from '../../apps/voice-agent/src/demo/traffic.js';

describe('the demo', () => {
  it('replays what its generator makes, 2,000 calls and edits', () => {
    const stored = storedTraffic();
    expect(stored).toHaveLength(2_000);
    expect(stored).toEqual(generateTraffic());
    expect(stored.filter(({ kind }) => kind === 'edit').length).toBeGreaterThan(50);
  });

  it('takes percentiles of what it measured', () => {
    const latencies = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([0, 0.5, 0.99, 1].map((share) => percentile(latencies, share))).toEqual([
      1, 51, 100, 100,
    ]);
    expect(percentile([], 0.99)).toBe(0);
  });
});
