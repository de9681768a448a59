import {
  Global,
  Injectable,
  Module,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  Cacheable,
  CacheEvict,
  CacheService,
  RedisCacheModule,
  runWithTenant,
} from 'nestjs-redis-cache';
import { CacheApps, TIERS } from '../support/cache-apps.js';
import { Gate } from '../support/gate.js';

describe('cached methods called while the application starts', () => {
  const apps = new CacheApps();

  @Injectable()
  class WarmingService implements OnModuleInit {
    loads = 0;
    warmed: string[] = [];

    async onModuleInit(): Promise<void> {
      this.warmed = [await this.settings('theme'), await this.settings('theme')];
    }

    @Cacheable('settings')
    async settings(name: string): Promise<string> {
      this.loads += 1;
      return `${name} ${this.loads}`;
    }
  }

  /** Says of the cache what those before it did not know. */
  @Injectable()
  class Declaring {
    @CacheEvict('settings', { scope: 'global' })
    async clear(_name: string): Promise<void> {
      return undefined;
    }
  }

  it.each(TIERS)('are cached already, in %s', async (tier) => {
    const app = await apps.boot({
      tier,
      providers: [WarmingService],
      cache: { defaults: { scope: 'global' } },
    });
    expect(app.get(WarmingService).warmed).toEqual(['theme 1', 'theme 1']);
  });

  describe('in a module that is initialised before the one of the cache', () => {
    /** Both are global, so the one that is imported first is initialised first. */
    async function bootEarly(type: Type, ...later: Type[]): Promise<TestingModule> {
      @Global()
      @Module({ providers: [type] })
      class EarlyModule {}
      const cacheHook = jest.spyOn(RedisCacheModule.prototype, 'onModuleInit');
      const ownHook = jest.spyOn(type.prototype as OnModuleInit, 'onModuleInit');
      const testing = await Test.createTestingModule({
        imports: [EarlyModule, RedisCacheModule.forRoot({})],
        providers: later,
      }).compile();
      await testing.init();
      const [own, ofCache] = [ownHook, cacheHook].map(({ mock }) => mock.invocationCallOrder[0]);
      expect(own).toBeLessThan(Number(ofCache));
      jest.restoreAllMocks();
      return testing;
    }

    it('are cached already', async () => {
      @Injectable()
      class Early extends WarmingService {
        override async onModuleInit(): Promise<void> {
          await runWithTenant('acme', () => super.onModuleInit());
        }
      }
      const testing = await bootEarly(Early);
      expect(testing.get(Early).warmed).toEqual(['theme 1', 'theme 1']);
      await testing.close();
    });

    it('follow, from then on, what is said of their cache later', async () => {
      @Injectable()
      class Early extends WarmingService {
        override async onModuleInit(): Promise<void> {
          await runWithTenant('acme', () => super.onModuleInit());
        }
      }
      const testing = await bootEarly(Early, Declaring);
      const early = testing.get(Early);
      expect([await early.settings('theme'), await early.settings('theme')]).toEqual([
        'theme 2',
        'theme 2',
      ]);
      await testing.get(Declaring).clear('theme');
      expect(await early.settings('theme')).toBe('theme 3');
      await testing.close();
    });
  });

  it('stop the boot where they lack a tenant', async () => {
    const booting = apps.boot({ providers: [WarmingService] });
    await expect(booting).rejects.toThrow('@Cacheable on WarmingService.settings needs a tenant');
  });
});

describe('cached methods called while the application ends', () => {
  @Injectable()
  class LastService implements OnModuleDestroy, OnApplicationShutdown {
    readonly answers: string[] = [];
    loads = 0;
    gate: Gate | undefined;

    async onModuleDestroy(): Promise<void> {
      this.answers.push(await this.byId('1'));
    }

    async onApplicationShutdown(): Promise<void> {
      this.answers.push(await this.byId('1'));
    }

    @Cacheable('last.byId', { scope: 'global' })
    async byId(id: string): Promise<string> {
      this.loads += 1;
      await this.gate?.pass();
      return id;
    }

    @CacheEvict('last.byId')
    async remove(id: string): Promise<string> {
      return `removed ${id}`;
    }
  }

  it.each(TIERS)('answer, in %s', async (tier) => {
    const testing = await Test.createTestingModule({
      imports: [
        RedisCacheModule.forRoot({
          connection: tier === 'redis' && { url: String(process.env.REDIS_URL) },
          prefix: `${String(process.env.TEST_RUN_PREFIX)}:last`,
        }),
      ],
      providers: [LastService],
    }).compile();
    await testing.init();
    const last = testing.get(LastService);
    const caches = testing.get(CacheService);
    await last.byId('1');
    await testing.close();
    expect(last.answers).toEqual(['1', '1']);
    expect([await last.byId('1'), await last.byId('1'), await last.remove('1')]).toEqual([
      '1',
      '1',
      'removed 1',
    ]);
    expect(caches.getStats().near.entries).toBe(0);
  });

  it('get what they load though the cache closes meanwhile', async () => {
    const testing = await Test.createTestingModule({
      imports: [RedisCacheModule.forRoot({})],
      providers: [LastService],
    }).compile();
    await testing.init();
    const last = testing.get(LastService);
    const gate = (last.gate = new Gate());
    const [leading, joined] = [last.byId('2'), last.byId('2')];
    await gate.reached;
    last.gate = undefined;
    await testing.close();
    gate.open();
    expect([await leading, await joined]).toEqual(['2', '2']);
    expect(testing.get(CacheService).getStats().near.entries).toBe(0);
  });
});
