import type { DynamicModule } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { CacheService } from 'nestjs-redis-cache';
import {
  cacheMatchers,
  expectCached,
  RedisCacheTestingModule,
  TestCache,
} from 'nestjs-redis-cache/testing';
import { describeGuide } from './guide.js';
import { blocksOf, codeIn, tableOf } from './markdown.js';

interface RealRedis {
  readonly testCache: DynamicModule;
  readonly whenConnected: (module: TestingModule) => Promise<void>;
}

describeGuide('docs/testing.md', (guide) => {
  // Its code has tests, and they are among those here.
  for (const program of guide.programs()) program.run();

  it('has a module on a real Redis, under a prefix of its own', async () => {
    const { testCache, whenConnected } = guide.program<RealRedis>('Against a real Redis').run();
    const module = await Test.createTestingModule({ imports: [testCache] }).compile();
    await module.init();
    await whenConnected(module);
    await whenConnected(module); // also where it is already
    const caches = module.get(CacheService);
    expect(caches.getStats().mode).toBe('redis');
    const lead = caches.forTenant('acme').cache('lead');
    await lead.set('7', 'Ada');
    const redis = new Redis(String(process.env.REDIS_URL));
    const keys: string[] = [];
    for await (const page of redis.scanStream({ match: 'test:*:{acme/lead@1/7}', count: 1_000 })) {
      keys.push(...(page as string[]));
    }
    expect(keys).toContainEqual(expect.stringMatching(/^test:[0-9a-f-]{36}:\{/));
    await lead.del('7');
    redis.disconnect();
    await module.close();
  });

  it('lists every matcher', () => {
    const listed = tableOf(guide.text, 'matcher').map(([cell]) => codeIn(cell)[0]?.split('(')[0]);
    expect(listed).toEqual(Object.keys(cacheMatchers));
  });

  it('shows what a matcher says that fails', async () => {
    const imports = [RedisCacheTestingModule.forRoot()];
    const module = await Test.createTestingModule({ imports }).compile();
    const leads = module.get(CacheService).forTenant('acme').cache('lead.nameByPhone');
    await leads.set('+1555', 'Ada');
    const [said] = blocksOf(guide.text).filter(({ language }) => language === 'text');
    expect(() => {
      expectCached(module.get(TestCache), 'lead.nameByPhone', '+1556', { tenant: 'acme' });
    }).toThrow(new Error(said?.code.trimEnd()));
    await module.close();
  });
});
