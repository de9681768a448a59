import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Injectable, Scope, type Type } from '@nestjs/common';
import { Redis } from 'ioredis';
import {
  CacheWarmer,
  CacheWarmingService,
  InvalidCacheOptionsError,
  InvalidDecoratorError,
  RedisCacheModule,
  type CacheWarmup,
  type WarmContext,
  type WarmingOptions,
} from 'nestjs-redis-cache';
import { Test } from '@nestjs/testing';
import { RecordingLogger } from '../module/support/recording-logger.js';
import { CacheApp, CacheApps, ownPrefix, type BootOptions } from '../support/cache-apps.js';
import { Gate } from '../support/gate.js';
import { until } from '../support/until.js';
import { LeadSource, WarmingTold } from './support/warmed-app.js';
import type { WarmingRequest } from './support/warming.program.js';

const REDIS_URL = String(process.env.REDIS_URL);

/** A warmer of three leads of `acme`, that the test lets through. */
function leadsWarmer(gate?: Gate): Type<CacheWarmup> {
  @Injectable()
  @CacheWarmer({ name: 'leads' })
  class LeadsWarmer implements CacheWarmup {
    constructor(private readonly leads: LeadSource) {}

    async *warm({ expect: total }: WarmContext) {
      await gate?.pass();
      total(3);
      for (const id of ['1', '2', '3']) {
        yield { tenant: 'acme', run: () => this.leads.byId(id) };
      }
    }
  }
  return LeadsWarmer;
}

describe('warming', () => {
  const apps = new CacheApps();
  const redis = new Redis(REDIS_URL, { lazyConnect: true });

  afterAll(() => redis.disconnect());

  /** An application, and what it told of its warmers from the beginning. */
  async function boot(
    warmer: Type<CacheWarmup>,
    { warming, cache, ...options }: BootOptions & { warming?: WarmingOptions } = {},
  ) {
    let told!: WarmingTold;
    const app = await apps.boot({
      ...options,
      providers: [LeadSource, warmer],
      cache: { ...cache, ...(warming && { warming }) },
      prepare: (nest) => (told = new WarmingTold(new CacheApp(nest))),
    });
    const { asked } = app.get(LeadSource);
    return { app, told, asked, warming: app.get(CacheWarmingService) };
  }

  const keysOf = (prefix: string) => redis.keys(`${prefix}:{!warm/*`);

  it('fills the cache in the background, for each tenant, so that its callers load nothing', async () => {
    const { app, told, asked } = await boot(leadsWarmer());
    const end = await told.first('warmed');
    expect(end).toMatchObject({ warmer: 'leads', done: 3, failed: 0, total: 3 });
    expect(asked).toEqual(['1', '2', '3']);
    const leads = app.get(LeadSource);
    expect(await app.caches.runWithTenant('acme', () => leads.byId('2'))).toBe('lead 2');
    await app.caches.runWithTenant('globex', () => leads.byId('2'));
    expect(asked).toEqual(['1', '2', '3', '2']);
  });

  it('is done by one of two applications on one Redis, and left by a third that comes later', async () => {
    const cache = { prefix: ownPrefix() };
    const gate = new Gate();
    const one = await boot(leadsWarmer(gate), { tier: 'redis', cache });
    await gate.reached;
    const other = await boot(leadsWarmer(), { tier: 'redis', cache });
    await other.told.first('elsewhere');
    expect(await keysOf(cache.prefix)).toEqual([`${cache.prefix}:{!warm/leads}:done:lease`]);
    gate.open();
    await one.told.first('warmed');
    expect(await keysOf(cache.prefix)).toEqual([`${cache.prefix}:{!warm/leads}:done`]);
    const third = await boot(leadsWarmer(), { tier: 'redis', cache });
    await third.told.first('recent');
    expect([one.asked.length, other.asked, third.asked]).toEqual([3, [], []]);
    // What one process has stored, the others have in Redis.
    const leads = third.app.get(LeadSource);
    await third.app.caches.runWithTenant('acme', () => leads.byId('3'));
    expect(third.asked).toEqual([]);
    expect(third.app.counters('lead.byId').farHits).toBe(1);
  });

  it('is taken over from a process that was killed', async () => {
    const prefix = ownPrefix();
    const request: WarmingRequest = { url: REDIS_URL, prefix };
    const child = fork(join(__dirname, 'support/warming.program.ts'), [JSON.stringify(request)], {
      execArgv: ['--require', join(__dirname, '../support/typescript/register.cjs')],
    });
    const exited = once(child, 'exit');
    await once(child, 'message');
    const { told, asked } = await boot(leadsWarmer(), {
      tier: 'redis',
      cache: { prefix },
      warming: { lease: '1s' },
    });
    await told.first('elsewhere');
    expect(asked).toEqual([]);
    child.kill('SIGKILL');
    await exited;
    await told.first('warmed');
    expect(asked).toEqual(['1', '2', '3']);
    expect(told.all.map(({ state }) => state)).toEqual(['elsewhere', 'running', 'warmed']);
  });

  it.each<[string, object]>([
    ['that has no Redis', {}],
    ['that keeps its entries apart', { connection: { url: REDIS_URL }, far: false }],
  ])('is done by each application %s', async (_, cache) => {
    const prefix = ownPrefix();
    const options = { cache: { ...cache, prefix } };
    const [a, b] = [await boot(leadsWarmer(), options), await boot(leadsWarmer(), options)];
    await Promise.all([a.told.first('warmed'), b.told.first('warmed')]);
    expect([a.asked.length, b.asked.length]).toEqual([3, 3]);
    expect(await keysOf(prefix)).toEqual([]);
  });

  it('fills the memory of one that keeps its entries apart, to be served once Redis is there', async () => {
    const cache = { connection: { url: REDIS_URL }, prefix: ownPrefix(), far: false };
    const { app, told, asked } = await boot(leadsWarmer(), { cache });
    await told.first('warmed');
    await until(() => {
      const { connection, bus } = app.caches.getStats();
      return connection === 'ready' && bus.trusted;
    });
    const leads = app.get(LeadSource);
    expect(await app.caches.runWithTenant('acme', () => leads.byId('2'))).toBe('lead 2');
    expect(asked).toEqual(['1', '2', '3']);
  });

  it('holds the boot up where it is to', async () => {
    const gate = new Gate();
    const booted = jest.fn();
    const booting = boot(leadsWarmer(gate), { tier: 'redis', cache: { warm: 'blocking' } });
    void booting.then(booted);
    await gate.reached;
    await new Promise(setImmediate);
    expect(booted).not.toHaveBeenCalled();
    gate.open();
    expect((await booting).asked).toEqual(['1', '2', '3']);
  });

  it('holds it up no longer than allowed, and goes on behind it', async () => {
    const gate = new Gate();
    const { told, asked } = await boot(leadsWarmer(gate), {
      cache: { warm: 'blocking' },
      warming: { timeout: '20ms' },
    });
    expect(asked).toEqual([]);
    gate.open();
    await told.first('warmed');
    expect(asked).toHaveLength(3);
  });

  it.each([true, false])(
    'does not hold the boot up while Redis is away, with far: %s',
    async (far) => {
      const module = await Test.createTestingModule({
        imports: [
          RedisCacheModule.forRoot({
            connection: { host: '127.0.0.1', port: 1 },
            far,
            warm: 'blocking',
            warming: { timeout: '1h' },
          }),
        ],
        providers: [LeadSource, leadsWarmer()],
      })
        .setLogger(new RecordingLogger())
        .compile();
      await module.init();
      const { counts } = await module.get(CacheWarmingService).warm();
      expect(counts).toMatchObject({ away: 1, warmed: 0 });
      expect(module.get(LeadSource).asked).toEqual([]);
      await module.close();
    },
  );

  it('waits for somebody who asks, where it is not to run at boot', async () => {
    const { told, asked, warming } = await boot(leadsWarmer(), {
      tier: 'redis',
      cache: { warm: false },
    });
    expect([told.all, asked, warming.names]).toEqual([[], [], ['leads']]);
    const progress: unknown[] = [];
    const report = await warming.warm({
      only: ['leads'],
      onProgress: ({ state, done }) => progress.push([state, done]),
    });
    const none = { failed: 0, elsewhere: 0, recent: 0, away: 0, lost: 0, stopped: 0 };
    expect(report).toEqual({
      warmers: [expect.objectContaining({ warmer: 'leads', state: 'warmed', done: 3 })],
      counts: { ...none, warmed: 1 },
      durationMs: expect.any(Number) as unknown,
    });
    expect(progress).toEqual([
      ['running', 0],
      ['warmed', 3],
    ]);
    // By hand it runs again, though it ran lately; what is warm is not loaded again.
    expect((await warming.warm()).counts.warmed).toBe(1);
    expect(asked).toHaveLength(3);
    await expect(warming.warm({ only: ['lead'] })).rejects.toThrow(
      `Option only of warm is 'lead'; expected one of leads. Mark a provider by @CacheWarmer(), or correct the name.`,
    );
  });

  it('that is asked for joins what is running', async () => {
    const gate = new Gate();
    const { warming, asked } = await boot(leadsWarmer(gate));
    await gate.reached;
    const report = warming.warm();
    gate.open();
    expect((await report).counts.warmed).toBe(1);
    expect(asked).toHaveLength(3);
  });

  it('is not begun where there is nothing to keep it in', async () => {
    const { told, asked } = await boot(leadsWarmer(), { cache: { near: false, warm: 'blocking' } });
    expect([told.all, asked]).toEqual([[], []]);
  });

  it('that fails breaks no boot, and is told of once', async () => {
    @Injectable()
    @CacheWarmer()
    class FailingWarmer implements CacheWarmup {
      async warm(): Promise<void> {
        return Promise.reject(new Error('own'));
      }
    }
    const logger = new RecordingLogger();
    const { told } = await boot(FailingWarmer, {
      tier: 'redis',
      logger,
      cache: { warm: 'blocking' },
    });
    expect(told.all.map(({ state, error }) => [state, error])).toEqual([
      ['running', undefined],
      ['failed', new Error('own')],
    ]);
    const lines = logger.lines.filter(([, text]) => String(text).startsWith('Warmer'));
    expect(lines).toEqual([
      [
        'error',
        expect.stringMatching(/^Warmer FailingWarmer failed: 0 steps done, in \d+ ms\.$/),
        new Error('own'),
        'RedisCache',
      ],
    ]);
  });

  it('ends with the application, and leaves its lease to others at once', async () => {
    const begun = new Gate();
    begun.open();
    @Injectable()
    @CacheWarmer({ name: 'leads' })
    class PatientWarmer implements CacheWarmup {
      async *warm({ signal }: WarmContext) {
        yield () => begun.pass();
        yield () => once(signal, 'abort');
        yield () => Promise.reject(new Error('not to be run'));
      }
    }
    const cache = { prefix: ownPrefix() };
    const options = { tier: 'redis', cache, warming: { concurrency: 1 } } as const;
    const { app, told } = await boot(PatientWarmer, options);
    await begun.reached;
    await app.nest.close();
    expect(told.all.at(-1)).toMatchObject({ state: 'stopped', done: 2, failed: 0 });
    expect(await keysOf(cache.prefix)).toEqual([]);
  });

  it('does not keep an application from closing', async () => {
    const { app } = await boot(leadsWarmer(new Gate()), { cache: { timeouts: { close: '20ms' } } });
    await app.nest.close();
  });

  describe('refuses at boot', () => {
    @Injectable({ scope: Scope.REQUEST })
    @CacheWarmer()
    class PerRequest implements CacheWarmup {
      warm = () => [];
    }

    @Injectable({ scope: Scope.TRANSIENT })
    @CacheWarmer()
    class Transient implements CacheWarmup {
      warm = () => [];
    }

    const untyped = CacheWarmer as (options?: unknown) => ClassDecorator;

    @untyped()
    class WithoutMethod {}

    @CacheWarmer({ name: '' })
    class Nameless implements CacheWarmup {
      warm = () => [];
    }

    @CacheWarmer({ name: 'same' })
    class One implements CacheWarmup {
      warm = () => [];
    }

    @CacheWarmer({ name: 'same' })
    class Another implements CacheWarmup {
      warm = () => [];
    }

    it.each<[string, Type[], string]>([
      [
        'a warmer for each request',
        [PerRequest],
        '@CacheWarmer on PerRequest is made anew for each request or user, or needs what is. Warm by a provider of the default scope.',
      ],
      [
        'a transient one',
        [Transient],
        '@CacheWarmer on Transient is made anew for each request or user, or needs what is. Warm by a provider of the default scope.',
      ],
      [
        'one that cannot warm',
        [WithoutMethod],
        '@CacheWarmer on WithoutMethod has no method warm. Implement CacheWarmup.',
      ],
      [
        'one without a name',
        [Nameless],
        `@CacheWarmer on Nameless has a name that is no text of 1 to 100 characters. Name it: @CacheWarmer({ name: 'leads' }).`,
      ],
      [
        'two of one name',
        [One, Another],
        `@CacheWarmer on Another has the name 'same', as One has. Give one of them another: @CacheWarmer({ name: 'same-2' }).`,
      ],
    ])('%s', async (_what, providers, message) => {
      const booting = apps.boot({ providers });
      await expect(booting).rejects.toThrow(InvalidDecoratorError);
      await expect(apps.boot({ providers })).rejects.toThrow(new Error(message));
    });

    it('an option that it does not know', async () => {
      @untyped({ nam: 'leads' })
      class Misspelt {
        warm = () => [];
      }
      await expect(apps.boot({ providers: [Misspelt] })).rejects.toThrow(InvalidCacheOptionsError);
    });
  });

  it('takes a warmer that several modules provide for one', async () => {
    const warmer = leadsWarmer();
    class Leads {}
    class MoreLeads {}
    const { asked, warming } = await boot(warmer, {
      cache: { warm: 'blocking' },
      imports: [
        { module: Leads, providers: [LeadSource, warmer] },
        { module: MoreLeads, providers: [LeadSource, warmer] },
      ],
    });
    expect(warming.names).toEqual(['leads']);
    expect(asked.length).toBeLessThanOrEqual(3);
  });
});
