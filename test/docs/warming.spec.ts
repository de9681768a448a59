import { Injectable, type Provider, type Type } from '@nestjs/common';
import { CacheWarmer, CacheWarmingService, type CacheWarmup } from 'nestjs-redis-cache';
import { CacheApp, CacheApps, ownPrefix } from '../support/cache-apps.js';
import { WarmingTold } from '../warming/support/warmed-app.js';
import { entriesInRedis } from './entries-in-redis.js';
import { describeGuide } from './guide.js';

interface Warming {
  readonly LeadService: Type<{ byPhone(phone: string): Promise<string> }>;
  readonly LeadWarmer: Type<CacheWarmup>;
}

interface ByHand {
  readonly warmAll: (warming: CacheWarmingService) => Promise<string>;
}

describeGuide('docs/warming.md', (guide) => {
  const apps = new CacheApps();
  const warming = guide.program<Warming>('Warming');
  const byHand = guide.program<ByHand>('By hand');

  async function boot(prefix: string, ...others: Provider[]) {
    const { LeadService, LeadWarmer } = warming.run();
    let told!: WarmingTold;
    const app = await apps.boot({
      tier: 'redis',
      cache: { prefix },
      providers: [LeadService, LeadWarmer, ...others],
      prepare: (nest) => (told = new WarmingTold(new CacheApp(nest))),
    });
    const read = () =>
      app.caches.runWithTenant('acme', () => app.get(LeadService).byPhone('+15551234567'));
    return { app, told, read };
  }

  it('has a warmer that makes the first calls, in one process for all', async () => {
    const prefix = ownPrefix();
    const first = await boot(prefix);
    const end = await first.told.first('warmed');
    expect(end).toMatchObject({ warmer: 'leads', done: 1, failed: 0, total: 1_000 });
    expect(await entriesInRedis(prefix)).toEqual(['{acme/lead.byPhone@1/+15551234567}']);
    expect(await first.read()).toBe('whoever has +15551234567');
    expect(first.app.counters('lead.byPhone')).toMatchObject({ loads: 1, nearHits: 1 });

    const second = await boot(prefix);
    await second.told.first('recent');
    expect(await second.read()).toBe('whoever has +15551234567');
    expect(second.app.counters('lead.byPhone')).toMatchObject({ loads: 0, farHits: 1 });
  });

  it('is warmed by hand also where it ran lately, and loads nothing then', async () => {
    const { app, told } = await boot(ownPrefix());
    await told.first('warmed');
    const printed: unknown[] = [];
    const write = jest.spyOn(process.stderr, 'write');
    write.mockImplementation((text) => printed.push(text) > 0);
    const report = await byHand.run().warmAll(app.get(CacheWarmingService));
    write.mockRestore();
    expect(report).toBe('1 of 1 warmed');
    expect(printed).toEqual(['leads 0/?\n', 'leads 1/1000\n']);
    expect(app.counters('lead.byPhone')).toMatchObject({ loads: 1 });
  });

  it('does not boot with two warmers of one name', async () => {
    @Injectable()
    @CacheWarmer({ name: 'leads' })
    class OtherWarmer implements CacheWarmup {
      warm() {
        return [];
      }
    }
    await expect(boot(ownPrefix(), OtherWarmer)).rejects.toThrow(
      `@CacheWarmer on OtherWarmer has the name 'leads', as LeadWarmer has.`,
    );
  });
});
