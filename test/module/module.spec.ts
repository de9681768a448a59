import {
  Injectable,
  Module,
  type DynamicModule,
  type INestApplication,
  type ModuleMetadata,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  Cache,
  Cacheable,
  CacheService,
  InjectCache,
  InjectRedis,
  InvalidCacheOptionsError,
  RedisCacheModule,
  type RedisCacheModuleOptions,
  type RedisCacheOptionsFactory,
} from 'nestjs-redis-cache';

/** What the tests recognize options by that were given in one way or another. */
const OPTIONS: RedisCacheModuleOptions = {
  defaults: { scope: 'global' },
  caches: { lead: { maxBytes: 11 } },
};

@Injectable()
class Settings {
  options(): RedisCacheModuleOptions {
    return OPTIONS;
  }
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

@Injectable()
class OptionsFactory implements RedisCacheOptionsFactory {
  createRedisCacheOptions(): RedisCacheModuleOptions {
    return OPTIONS;
  }
}

@Module({ providers: [OptionsFactory], exports: [OptionsFactory] })
class OptionsFactoryModule {}

@Injectable()
class LeadService {
  loads = 0;

  constructor(readonly caches: CacheService) {}

  @Cacheable('lead')
  async byId(_id: string): Promise<number> {
    return Promise.resolve(++this.loads);
  }
}

/** A module of the application that imports nothing of the cache. */
@Module({ providers: [LeadService], exports: [LeadService] })
class LeadModule {}

describe('RedisCacheModule', () => {
  const running: INestApplication[] = [];

  afterEach(async () => {
    await Promise.all(running.splice(0).map((app) => app.close()));
  });

  async function boot(metadata: ModuleMetadata): Promise<INestApplication> {
    const app = (await Test.createTestingModule(metadata).compile()).createNestApplication();
    running.push(app);
    return app.init();
  }

  /** Why an application does not boot. */
  async function refusal(metadata: ModuleMetadata): Promise<Error> {
    try {
      await boot(metadata);
    } catch (error) {
      return error as Error;
    }
    throw new Error('It booted.');
  }

  describe.each<[string, () => DynamicModule]>([
    ['forRoot', () => RedisCacheModule.forRoot(OPTIONS)],
    ['a factory', () => RedisCacheModule.forRootAsync({ useFactory: () => OPTIONS })],
    [
      'a factory that takes its time',
      () => RedisCacheModule.forRootAsync({ useFactory: () => Promise.resolve(OPTIONS) }),
    ],
    [
      'a factory with dependencies',
      () =>
        RedisCacheModule.forRootAsync({
          imports: [SettingsModule],
          inject: [Settings],
          useFactory: (settings: Settings) => settings.options(),
        }),
    ],
    ['a class', () => RedisCacheModule.forRootAsync({ useClass: OptionsFactory })],
    [
      'a provider that exists',
      () =>
        RedisCacheModule.forRootAsync({
          imports: [OptionsFactoryModule],
          useExisting: OptionsFactory,
        }),
    ],
  ])('with its options by %s', (_how, root) => {
    it('is there for the whole application, its options too', async () => {
      const app = await boot({ imports: [root(), LeadModule] });
      const leads = app.get(LeadService);
      expect([await leads.byId('1'), await leads.byId('1'), leads.loads]).toEqual([1, 1, 1]);
      expect(leads.caches).toBe(app.get(CacheService));
      const lead = leads.caches.cache('lead');
      await lead.set('small', 'x'.repeat(9));
      await lead.set('large', 'x'.repeat(10));
      expect([await lead.exists('small'), await lead.exists('large')]).toEqual([true, false]);
    });
  });

  describe.each<[string, () => DynamicModule]>([
    ['forRoot', () => RedisCacheModule.forRoot({ ...OPTIONS, isGlobal: false })],
    [
      'forRootAsync',
      () => RedisCacheModule.forRootAsync({ useFactory: () => OPTIONS, isGlobal: false }),
    ],
  ])('that is not global, by %s', (_how, root) => {
    it('is there for a module that imports it', async () => {
      const app = await boot({ imports: [{ module: LeadModule, imports: [root()] }] });
      const leads = app.get(LeadService);
      expect([await leads.byId('1'), await leads.byId('1')]).toEqual([1, 1]);
    });

    it('is not there for others, which stops the boot', async () => {
      const { message } = await refusal({ imports: [root(), LeadModule] });
      expect(message).toMatch(/^Nest can't resolve dependencies of the LeadService \(/);
    });
  });

  describe('named caches', () => {
    @Injectable()
    class Reader {
      constructor(@InjectCache('lead') readonly leads: Cache<string>) {}
    }

    @Module({ imports: [RedisCacheModule.forFeature('lead', 'note')], providers: [Reader] })
    class FeatureModule {}

    it('can be injected where forRoot names them', async () => {
      const app = await boot({ imports: [RedisCacheModule.forRoot(OPTIONS)], providers: [Reader] });
      const { leads } = app.get(Reader);
      expect(leads).toBeInstanceOf(Cache);
      expect(leads.name).toBe('lead');
      await leads.set('k', 'v');
      expect(await app.get(CacheService).cache('lead').get('k')).toBe('v');
    });

    it('can be injected where forFeature names them, always needed with forRootAsync', async () => {
      const root = RedisCacheModule.forRootAsync({ useFactory: () => OPTIONS });
      const app = await boot({ imports: [root, FeatureModule] });
      const { leads } = app.get(Reader);
      await leads.set('k', 'v');
      expect(await app.get(CacheService).cache('lead').get('k')).toBe('v');
    });

    it('can be named by several modules and by forRoot as well: it is one cache', async () => {
      @Injectable()
      class Writer {
        constructor(@InjectCache('lead') readonly leads: Cache<string>) {}
      }
      @Module({ imports: [RedisCacheModule.forFeature('lead')], providers: [Writer] })
      class OtherModule {}

      const root = RedisCacheModule.forRoot(OPTIONS);
      const app = await boot({ imports: [root, FeatureModule, OtherModule] });
      await app.get(Writer).leads.set('k', 'v');
      expect(await app.get(Reader).leads.get('k')).toBe('v');
    });

    it.each([
      ['forRoot', RedisCacheModule.forRoot({ caches: { note: {} } })],
      ['forRootAsync', RedisCacheModule.forRootAsync({ useFactory: () => OPTIONS })],
    ])('that nobody has named stop the boot, by their name (%s)', async (_how, root) => {
      const { message } = await refusal({ imports: [root], providers: [Reader] });
      expect(message).toContain(
        `Nest can't resolve dependencies of the Reader (?). Please make sure that the argument ` +
          `Symbol(nestjs-redis-cache.cache of RedisCacheModule.forFeature('lead')) at index [0] is available in the RootTestModule module.`,
      );
    });

    it('cannot have a name that no cache can have', async () => {
      const name = `Option cache name is ''; expected a string of 1 to 100 characters. `;
      const inFeature = {
        imports: [RedisCacheModule.forRoot({}), RedisCacheModule.forFeature('')],
      };
      const byFactory = RedisCacheModule.forRootAsync({
        useFactory: () => ({ caches: { '': {} } }),
      });
      for (const metadata of [inFeature, { imports: [byFactory] }]) {
        expect((await refusal(metadata)).message).toContain(name);
      }
    });
  });

  it('injects null for the client where no Redis is configured', async () => {
    @Injectable()
    class Counter {
      constructor(@InjectRedis() readonly redis: unknown) {}
    }
    const app = await boot({ imports: [RedisCacheModule.forRoot({})], providers: [Counter] });
    expect(app.get(Counter).redis).toBeNull();
  });

  describe('with options that cannot be used', () => {
    const WRONG = { caches: { lead: { ttl: '15 min' } } } as unknown as RedisCacheModuleOptions;
    const MESSAGE =
      `Option caches['lead'].ttl is '15 min'; expected milliseconds from 0 to ten years, ` +
      `or a number with a unit (ms, s, m, h, d). Write for instance 900000 or '15m'.`;

    it.each<[string, () => DynamicModule]>([
      ['forRoot', () => RedisCacheModule.forRoot(WRONG)],
      ['forRootAsync', () => RedisCacheModule.forRootAsync({ useFactory: () => WRONG })],
    ])('stops the boot and says why (%s)', async (_how, root) => {
      const error = await refusal({ imports: [root(), LeadModule] });
      expect(error).toBeInstanceOf(InvalidCacheOptionsError);
      expect(error).toMatchObject({ message: MESSAGE, option: `caches['lead'].ttl` });
    });

    it.each<[string, () => DynamicModule, string]>([
      [
        'a URL in place of the options',
        () => RedisCacheModule.forRoot('redis://:hunter2@localhost' as RedisCacheModuleOptions),
        `Option options.0 is '***'; expected one of the fields connection, `,
      ],
      [
        'a connection that is none',
        () =>
          RedisCacheModule.forRoot({
            connection: 'redis://:hunter2@localhost' as unknown as false,
          }),
        `Option connection is '***'; expected an object. `,
      ],
      [
        'no options from the factory',
        () =>
          RedisCacheModule.forRootAsync({
            useFactory: () => undefined as unknown as RedisCacheModuleOptions,
          }),
        'Option options is undefined; expected an object. ',
      ],
    ])('stops the boot: %s', async (_what, root, message) => {
      const error = await refusal({ imports: [root()] });
      expect(error).toBeInstanceOf(InvalidCacheOptionsError);
      expect(error.message).toContain(message);
      expect(error.message).not.toContain('hunter2');
    });

    it('stops the boot with the error of the factory itself', async () => {
      const error = new Error('no configuration');
      const root = RedisCacheModule.forRootAsync({ useFactory: () => Promise.reject(error) });
      expect(await refusal({ imports: [root] })).toBe(error);
    });
  });

  it('stops the boot where a decorator contradicts the module', async () => {
    @Injectable()
    class Wrong {
      @Cacheable('lead', { version: 2 })
      async byId(): Promise<number> {
        return Promise.resolve(1);
      }
    }
    const root = RedisCacheModule.forRoot({ caches: { lead: { version: 1 } } });
    expect((await refusal({ imports: [root], providers: [Wrong] })).message).toBe(
      `Option @Cacheable on Wrong.byId.version is 2; expected 1, as caches['lead'] says for the ` +
        `cache 'lead'. All users of a cache must agree on it, or they would not find each other's ` +
        `entries: say it in one place, best in the module's caches.`,
    );
  });

  describe('twice in one process, for the same service class', () => {
    it('is two caches that never meet', async () => {
      const imports = [RedisCacheModule.forRoot(OPTIONS), LeadModule];
      const [one, other] = [await boot({ imports }), await boot({ imports })];
      expect(await one.get(LeadService).byId('1')).toBe(1);
      expect(other.get(CacheService).getStats().caches).toEqual({});
      expect(await other.get(CacheService).cache('lead').exists('1')).toBe(false);
      await other.get(LeadService).byId('1');
      await other.get(LeadService).byId('2');
      expect([one.get(LeadService).loads, other.get(LeadService).loads]).toEqual([1, 2]);

      const heard = jest.fn();
      other.get(CacheService).on('evict', heard);
      expect(await one.get(CacheService).cache('lead').del('1')).toBe(true);
      expect(heard).not.toHaveBeenCalled();
      expect(await other.get(CacheService).cache('lead').exists('1')).toBe(true);
    });

    it('is closed once by once: the other goes on', async () => {
      const imports = [RedisCacheModule.forRoot(OPTIONS), LeadModule];
      const [one, other] = [await boot({ imports }), await boot({ imports })];
      await other.get(LeadService).byId('1');
      await one.close();
      expect([await other.get(LeadService).byId('1'), other.get(LeadService).loads]).toEqual([
        1, 1,
      ]);
      expect(await one.get(LeadService).byId('1')).toBe(1);
      expect(await one.get(LeadService).byId('1')).toBe(2);
    });

    it('may have other options in each', async () => {
      const root = (ttl: number) =>
        RedisCacheModule.forRoot({ defaults: { scope: 'global' }, caches: { lead: { ttl } } });
      const cached = await boot({ imports: [root(60_000), LeadModule] });
      const uncached = await boot({ imports: [root(0), LeadModule] });
      for (const app of [cached, uncached]) {
        await app.get(LeadService).byId('1');
        await app.get(LeadService).byId('1');
      }
      expect([cached, uncached].map((app) => app.get(LeadService).loads)).toEqual([1, 2]);
    });
  });
});
