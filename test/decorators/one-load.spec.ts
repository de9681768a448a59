import { Cacheable } from 'nestjs-redis-cache';
import { CacheApps, ownPrefix } from '../support/cache-apps.js';
import { Gate } from '../support/gate.js';
import { until } from '../support/until.js';

describe('one load for all callers of @Cacheable', () => {
  const apps = new CacheApps();

  class SlowService {
    static gate: Gate;
    static outcomes: (() => unknown)[];

    @Cacheable('slow.one', { scope: 'global' })
    async one(_id: string): Promise<unknown> {
      const outcome = SlowService.outcomes.shift();
      await SlowService.gate.pass();
      return outcome?.();
    }
  }

  beforeEach(() => {
    SlowService.gate = new Gate();
  });

  it('in one process, also when it fails; the next call loads again', async () => {
    const slow = (await apps.boot({ providers: [SlowService] })).get(SlowService);
    const failure = new Error('away');
    SlowService.outcomes = [
      () => {
        throw failure;
      },
      () => 'fine',
    ];
    const calls = ['1', '1', '1'].map((id) => slow.one(id));
    SlowService.gate.open();
    const settled = await Promise.allSettled(calls);
    expect(settled).toEqual(calls.map(() => ({ status: 'rejected', reason: failure })));
    expect(SlowService.gate.arrivals).toBe(1);
    expect(await slow.one('1')).toBe('fine');
  });

  it('in two processes on one Redis', async () => {
    const prefix = ownPrefix();
    const boot = () => apps.boot({ tier: 'redis', providers: [SlowService], cache: { prefix } });
    const [a, b] = [await boot(), await boot()];
    SlowService.outcomes = [() => ({ from: 'the only load' })];
    const inA = a.get(SlowService).one('1');
    await SlowService.gate.reached;
    const inB = b.get(SlowService).one('1');
    await until(() => b.counters('slow.one').waited === 1);
    SlowService.gate.open();
    expect(await inA).toEqual({ from: 'the only load' });
    expect(await inB).toEqual({ from: 'the only load' });
    expect(SlowService.gate.arrivals).toBe(1);
  });
});
