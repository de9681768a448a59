import type Redis from 'ioredis';
import {
  Cacheable,
  CacheDefaults,
  CacheEvict,
  CachePut,
  InjectRedis,
  InvalidCacheOptionsError,
  runWithTenant,
  type CachePolicy,
} from 'nestjs-redis-cache';
import { CacheApps, ownPrefix, type BootOptions } from '../support/cache-apps.js';

describe('the policy of a cached method', () => {
  const apps = new CacheApps();

  @CacheDefaults({ ttl: '3m', jitter: 0 })
  class Defaulted {
    constructor(@InjectRedis() readonly redis: Redis | null) {}

    @Cacheable('by.method', { ttl: '1m' })
    async byMethod(): Promise<void> {
      return undefined;
    }

    @Cacheable('by.cache')
    async byCache(): Promise<void> {
      return undefined;
    }

    @Cacheable('by.class')
    async byClass(): Promise<void> {
      return undefined;
    }

    @CachePut('by.put', { key: () => 'put' })
    async put(): Promise<void> {
      return undefined;
    }
  }

  class Inheriting extends Defaulted {}

  @CacheDefaults({ jitter: 0 })
  class Replacing extends Defaulted {}

  class Plain {
    constructor(@InjectRedis() readonly redis: Redis | null) {}

    @Cacheable('by.module')
    async byModule(): Promise<void> {
      return undefined;
    }
  }

  async function boot(options: BootOptions, caches: Record<string, CachePolicy> = {}) {
    const prefix = ownPrefix();
    const defaults: CachePolicy = { scope: 'global', ttl: '4m' };
    const app = await apps.boot({ ...options, tier: 'redis', cache: { prefix, defaults, caches } });
    const minutesLeft = async (redis: Redis | null, cache: string, key = '') =>
      Math.ceil((await (redis as Redis).pttl(`${prefix}:{/${cache}@1/${key}}`)) / 60_000);
    return { app, minutesLeft };
  }

  it('is what the method says, then the cache, the class, the module', async () => {
    const caches: Record<string, CachePolicy> = {
      'by.method': { ttl: '2m' },
      'by.cache': { ttl: '2m' },
    };
    const { app, minutesLeft } = await boot({ providers: [Defaulted, Plain] }, caches);
    const [defaulted, plain] = [app.get(Defaulted), app.get(Plain)];
    await defaulted.byMethod();
    await defaulted.byCache();
    await defaulted.byClass();
    await defaulted.put();
    await plain.byModule();
    expect({
      method: await minutesLeft(plain.redis, 'by.method'),
      cache: await minutesLeft(plain.redis, 'by.cache'),
      class: await minutesLeft(plain.redis, 'by.class'),
      put: await minutesLeft(plain.redis, 'by.put', 'put'),
      module: await minutesLeft(plain.redis, 'by.module'),
    }).toEqual({ method: 1, cache: 2, class: 3, put: 3, module: 4 });
  });

  it('is inherited by a subclass', async () => {
    const { app, minutesLeft } = await boot({ providers: [Inheriting] });
    await app.get(Inheriting).byClass();
    expect(await minutesLeft(app.get(Inheriting).redis, 'by.class')).toBe(3);
  });

  it('is replaced as a whole where a subclass states its own', async () => {
    const { app, minutesLeft } = await boot({ providers: [Replacing] });
    await app.get(Replacing).byClass();
    expect(await minutesLeft(app.get(Replacing).redis, 'by.class')).toBe(4);
  });

  it.each([
    [{ ttl: '5 minutes' as '5m' }, `Option @CacheDefaults on Wrong.ttl is '5 minutes'; expected `],
    [
      { tll: '5m' } as CachePolicy,
      `Option @CacheDefaults on Wrong.tll is '***'; expected one of the fields ttl, `,
    ],
  ])('stops the boot where the class states %p', async (policy, message) => {
    @CacheDefaults(policy)
    class Wrong {
      @Cacheable('wrong')
      async all(): Promise<void> {
        return undefined;
      }
    }
    const booting = apps.boot({ providers: [Wrong] });
    await expect(booting).rejects.toThrow(InvalidCacheOptionsError);
    await expect(booting).rejects.toThrow(message);
  });

  it('stops the boot where the method states what cannot be', async () => {
    class Wrong {
      @Cacheable('wrong', { refreshAhead: 80 })
      async all(): Promise<void> {
        return undefined;
      }
    }
    await expect(apps.boot({ providers: [Wrong] })).rejects.toThrow(
      'Option @Cacheable on Wrong.all.refreshAhead is 80; expected a number from 0 to 1. ' +
        'It is a share: 0.8 means 80 %.',
    );
  });
});

describe('scope and version of a cache', () => {
  const apps = new CacheApps();

  class Evicting {
    @CacheEvict('settings', { key: (name: string) => name })
    async clear(_name: string): Promise<void> {
      return undefined;
    }
  }

  class Putting {
    @CachePut('settings', { key: (name: string) => name })
    async set(_name: string, value: number): Promise<number> {
      return value;
    }
  }

  class Reading {
    loads = 0;

    @Cacheable('settings', { scope: 'global', version: 7 })
    async get(_name: string): Promise<number> {
      return ++this.loads;
    }
  }

  it.each([
    ['before', [Evicting, Putting, Reading]],
    ['after', [Reading, Evicting, Putting]],
  ])('hold for those who say nothing and stand %s the one who says it', async (_, providers) => {
    const app = await apps.boot({ providers });
    const reading = app.get(Reading);
    const asAcme = <T>(fn: () => Promise<T>) => runWithTenant('acme', fn);
    expect(await reading.get('theme')).toBe(1);
    await asAcme(() => app.get(Evicting).clear('theme'));
    expect(await reading.get('theme')).toBe(2);
    await asAcme(() => app.get(Putting).set('theme', 40));
    expect(await reading.get('theme')).toBe(40);
    expect(await app.caches.cache('settings').get('theme')).toBe(40);
  });

  it('stop the boot where two users contradict each other, in whatever order', async () => {
    class Contradicting {
      @Cacheable('settings', { scope: 'tenant' })
      async get(_name: string): Promise<void> {
        return undefined;
      }
    }
    const why =
      ` All users of a cache must agree on it, or they would not find each other's entries: ` +
      `say it in one place, best in the module's caches.`;
    await expect(apps.boot({ providers: [Reading, Contradicting] })).rejects.toThrow(
      `Option @Cacheable on Contradicting.get.scope is 'tenant'; expected global, ` +
        `as @Cacheable on Reading.get says for the cache 'settings'.${why}`,
    );
    await expect(apps.boot({ providers: [Contradicting, Reading] })).rejects.toThrow(
      `Option @Cacheable on Reading.get.scope is 'global'; expected tenant, ` +
        `as @Cacheable on Contradicting.get says for the cache 'settings'.${why}`,
    );
    await expect(
      apps.boot({ providers: [Reading], cache: { caches: { settings: { version: 6 } } } }),
    ).rejects.toThrow(
      `Option @Cacheable on Reading.get.version is 7; expected 6, as caches['settings'] says`,
    );
  });

  it('may be said by the class; a method that says otherwise goes before it', async () => {
    @CacheDefaults({ scope: 'global' })
    class Mixed {
      loads = 0;

      @Cacheable('theme')
      async theme(): Promise<number> {
        return ++this.loads;
      }

      @Cacheable('own', { scope: 'tenant' })
      async own(): Promise<number> {
        return ++this.loads;
      }
    }
    const mixed = (await apps.boot({ providers: [Mixed] })).get(Mixed);
    expect([await mixed.theme(), await mixed.theme()]).toEqual([1, 1]);
    expect(await runWithTenant('acme', () => mixed.own())).toBe(2);
    expect(await runWithTenant('globex', () => mixed.own())).toBe(3);
    await expect(mixed.own()).rejects.toThrow('@Cacheable on Mixed.own needs a tenant');
  });

  it('are not changed by the defaults of a class that only evicts', async () => {
    @CacheDefaults({ scope: 'global', version: 2 })
    class Settings {
      @Cacheable('settings')
      async get(): Promise<void> {
        return undefined;
      }

      @CacheEvict('lead.byId')
      async forgetLead(_id: string): Promise<void> {
        return undefined;
      }
    }
    class Leads {
      @Cacheable('lead.byId')
      async byId(_id: string): Promise<string | undefined> {
        return 'of one tenant';
      }
    }
    const app = await apps.boot({ providers: [Settings, Leads] });
    const [settings, leads] = [app.get(Settings), app.get(Leads)];
    await expect(leads.byId('1')).rejects.toThrow('@Cacheable on Leads.byId needs a tenant');
    await runWithTenant('acme', async () => {
      await leads.byId('1');
      await settings.forgetLead('1');
      expect(await app.caches.cache('lead.byId').exists('1')).toBe(false);
    });
  });

  it('of a class stop the boot where another user says otherwise, in whatever order', async () => {
    @CacheDefaults({ scope: 'global' })
    class Global {
      @Cacheable('shared')
      async get(): Promise<void> {
        return undefined;
      }
    }
    class Tenant {
      @Cacheable('shared', { scope: 'tenant' })
      async get(): Promise<void> {
        return undefined;
      }
    }
    await expect(apps.boot({ providers: [Global, Tenant] })).rejects.toThrow(
      `Option @Cacheable on Tenant.get.scope is 'tenant'; expected global, as @CacheDefaults on Global says`,
    );
    await expect(apps.boot({ providers: [Tenant, Global] })).rejects.toThrow(
      `Option @CacheDefaults on Global.scope is 'global'; expected tenant, as @Cacheable on Tenant.get says`,
    );
  });

  it('of a class give way to what the module says of the cache', async () => {
    @CacheDefaults({ scope: 'global', version: 2 })
    class Global {
      @Cacheable('lead.byId')
      async byId(id: string): Promise<string> {
        return id;
      }
    }
    const caches = { 'lead.byId': { scope: 'tenant' } } as const;
    const app = await apps.boot({ providers: [Global], cache: { caches } });
    await expect(app.get(Global).byId('1')).rejects.toThrow(
      '@Cacheable on Global.byId needs a tenant',
    );
  });
});
