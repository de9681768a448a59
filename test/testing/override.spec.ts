import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CacheService, RedisCacheModule } from 'nestjs-redis-cache';
import { CACHE_SURROUNDINGS, RedisCacheTestingModule, TestCache } from 'nestjs-redis-cache/testing';
import { runProgram } from '../docs/run-program.js';
import { Leads, TestApps } from './support/test-apps.js';

const apps = new TestApps();

/** Nobody listens there. */
const connection = { url: 'redis://127.0.0.1:1' };

@Module({
  imports: [
    RedisCacheModule.forRootAsync({
      useFactory: () => ({ connection, prefix: 'crm', caches: { 'lead.byPhone': { ttl: '1h' } } }),
    }),
  ],
  providers: [Leads],
})
class AppModule {}

@Module({ imports: [RedisCacheModule.forRoot({ connection })] })
class AppCacheModule {}

@Module({ imports: [AppCacheModule], providers: [Leads] })
class SplitAppModule {}

describe('a production module in a test', () => {
  it.each([false, true])(
    'has a TestCache put in, with all of its options (redis: %s)',
    async (redis) => {
      const cache = new TestCache({ redis });
      const module = await Test.createTestingModule({ imports: [AppModule] })
        .overrideProvider(CACHE_SURROUNDINGS)
        .useValue(cache)
        .compile();
      const app = await apps.start(module, cache);
      await app.byPhone('+1555');
      expect(cache.entries()).toMatchObject([
        { redisKey: 'crm:{acme/lead.byPhone@1/+1555}', tiers: redis ? ['near', 'far'] : ['near'] },
      ]);
      expect(module.get(CacheService).getStats().mode).toBe(redis ? 'redis' : 'memory');
    },
  );

  it('has the testing module put in its place', async () => {
    const module = await Test.createTestingModule({ imports: [SplitAppModule] })
      .overrideModule(AppCacheModule)
      .useModule(RedisCacheTestingModule.forRoot())
      .compile();
    const app = await apps.start(module);
    await app.byPhone('+1555');
    expect(app.cache.entries()).toHaveLength(1);
  });

  it('refuses a TestCache that has an application', async () => {
    const cache = new TestCache();
    const testing = Test.createTestingModule({ imports: [AppModule] });
    testing.overrideProvider(CACHE_SURROUNDINGS).useValue(cache);
    await apps.start(await testing.compile(), cache);
    const again = Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(CACHE_SURROUNDINGS)
      .useValue(cache)
      .compile();
    await expect(again).rejects.toThrow(
      /^Option TestCache is TestCache \{.+; expected one that no application has yet\. Make a new TestCache for each test; several can have the same redis\.$/,
    );
  });
});

describe('applications that are closed', () => {
  it('leave no handle', async () => {
    // In a process of its own, for Jest has timers too.
    const program = `
      import 'reflect-metadata';
      import { Test } from '@nestjs/testing';
      import { CacheService } from 'nestjs-redis-cache';
      import { RedisCacheTestingModule, TestCache } from 'nestjs-redis-cache/testing';

      async function handlesOf(redis: boolean): Promise<string[]> {
        const imports = [RedisCacheTestingModule.forRoot({ redis })];
        const module = await Test.createTestingModule({ imports }).compile();
        await module.init();
        const caches = module.get(CacheService).forTenant('acme');
        await caches.wrap('k', () => 1);
        await caches.del('k');
        await module.get(TestCache).advance('1m');
        await module.close();
        // Its own output goes through pipes.
        return process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap');
      }

      async function main(): Promise<void> {
        const handles = [...(await handlesOf(false)), ...(await handlesOf(true))];
        process.stdout.write(JSON.stringify(handles));
      }
      void main();
    `;
    expect(JSON.parse(await runProgram(program))).toEqual([]);
  });
});
