import { Injectable, Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  Cache,
  InjectCache,
  InvalidCacheOptionsError,
  RedisCacheModule,
  type RedisCacheModuleOptions,
} from 'nestjs-redis-cache';
import { RedisCacheMetricsModule } from 'nestjs-redis-cache/metrics';
import { RateLimitModule } from 'nestjs-redis-cache/throttler';
import { RecordingLogger } from './support/recording-logger.js';

describe('RedisCacheModule, imported', () => {
  const running: TestingModule[] = [];
  let logger: RecordingLogger;

  beforeEach(() => {
    logger = new RecordingLogger();
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((module) => module.close()));
  });

  async function boot(metadata: ModuleMetadata): Promise<TestingModule> {
    const module = await Test.createTestingModule(metadata).setLogger(logger).compile();
    running.push(module);
    return module.init();
  }

  /** A module of the application that imports what is given. */
  function featureOf(imported: DynamicModule): new () => object {
    @Module({ imports: [imported] })
    class FeatureModule {}
    return FeatureModule;
  }

  describe('twice', () => {
    it('warns: each has a memory of its own', async () => {
      const feature = featureOf(RedisCacheModule.forRoot({}));
      await boot({ imports: [RedisCacheModule.forRoot({}), feature] });
      expect(logger.of('warn').map(([text]) => text)).toEqual([
        'RedisCacheModule is imported 2 times with options, and each is a cache of its own: what ' +
          'is evicted in one, another may still answer. Import it once, at the root, where it is ' +
          'global; where several are meant, give them isGlobal: false.',
      ]);
    });

    it('says nothing where both are meant, or are one', async () => {
      const one = RedisCacheModule.forRoot({});
      const other = RedisCacheModule.forRoot({ isGlobal: false });
      await boot({ imports: [one, featureOf(one), featureOf(other)] });
      await boot({ imports: [RedisCacheModule.forRoot({})] });
      expect(logger.of('warn').map(([text]) => text)).toEqual([]);
    });
  });

  describe('without options', () => {
    it('is the memory of the process', async () => {
      const module = await boot({ imports: [RedisCacheModule.forRoot()] });
      expect(module.get(RedisCacheModule)).toBeDefined();
    });

    it.each<[string, () => ModuleMetadata['imports']]>([
      ['as a class', () => [RedisCacheModule]],
      ['as a class beside the root', () => [RedisCacheModule.forRoot({}), RedisCacheModule]],
      [
        'by a factory that returns none',
        () => [
          RedisCacheModule.forRootAsync({
            useFactory: () => undefined as unknown as RedisCacheModuleOptions,
          }),
        ],
      ],
    ])('%s says what to do', async (_how, imports) => {
      const booting = boot({ imports: imports() });
      await expect(booting).rejects.toBeInstanceOf(InvalidCacheOptionsError);
      await expect(booting).rejects.toThrow(
        'Option options is undefined; expected an object. Import RedisCacheModule.forRoot({ … }) or ' +
          'forRootAsync once, at the root, and return the options from its factory. Other modules ' +
          'need no import, as it is global.',
      );
    });
  });

  it.each<[string, unknown, string]>([
    ['nothing', {}, '[]'],
    ['what is no way', { useValue: {} }, "[ 'useValue' ]"],
    ['a function', () => ({}), '[Function (anonymous)]'],
  ])('by forRootAsync with %s says how', (_what, options, shown) => {
    expect(() => RedisCacheModule.forRootAsync(options as object)).toThrow(
      `Option options of forRootAsync is ${shown}; expected useFactory, useClass or useExisting. ` +
        'Write for instance useFactory: () => ({ … }), or forRoot({ … }) for options at hand.',
    );
  });

  it.each([
    ['url', 'redis://:hunter2@localhost', 'Write connection: { url: … }.'],
    ['host', 'localhost', 'Write connection: { host: … }.'],
    ['ttl', '5m', 'Write defaults: { ttl: … }, or caches: { name: { ttl: … } }.'],
    ['isGlobal', false, 'Write it beside useFactory, useClass or useExisting.'],
  ])('with %s in the wrong place says where it belongs', async (field, value, remedy) => {
    const useFactory = () => ({ [field]: value }) as RedisCacheModuleOptions;
    const booting = boot({ imports: [RedisCacheModule.forRootAsync({ useFactory })] });
    await expect(booting).rejects.toThrow(`Option options.${field} is '***'; expected one of the `);
    await expect(booting).rejects.toThrow(remedy);
  });

  it.each([
    ['metrics', RedisCacheMetricsModule.forRoot()],
    ['rate limits', RateLimitModule.forRoot()],
  ])('nowhere is named where %s miss it', async (_what, other) => {
    await expect(boot({ imports: [other] })).rejects.toThrow(
      'Symbol(nestjs-redis-cache.runtime of RedisCacheModule)',
    );
  });

  it('names forFeature where a cache is injected that nobody has made injectable', async () => {
    @Injectable()
    class Leads {
      constructor(@InjectCache('lead.byId') readonly leads: Cache<string>) {}
    }
    const booting = boot({ imports: [RedisCacheModule.forRoot({})], providers: [Leads] });
    await expect(booting).rejects.toThrow(
      "Symbol(nestjs-redis-cache.cache of RedisCacheModule.forFeature('lead.byId'))",
    );
  });
});
