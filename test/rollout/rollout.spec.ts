import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import {
  Cacheable,
  CacheEvict,
  CachePut,
  CacheRolloutService,
  runWithTenant,
  TenantMissingError,
  type RedisCacheModuleOptions,
  type RolloutChange,
} from 'nestjs-redis-cache';
import { CacheApps, ownPrefix, TIERS, type CacheApp } from '../support/cache-apps.js';
import { Gate } from '../support/gate.js';
import { until } from '../support/until.js';

const CACHE = 'lead.byPhone';

@Injectable()
class Leads {
  loads = 0;
  gate: Gate | undefined;
  name = 'Ada';

  @Cacheable(CACHE, { key: (phone: string) => phone })
  async byPhone(phone: string): Promise<string> {
    this.loads += 1;
    const { name } = this;
    await this.gate?.pass();
    return `${name} ${phone}`;
  }

  @CachePut(CACHE, { key: (phone: string) => phone })
  rename(phone: string, name: string): Promise<string> {
    this.name = name;
    return Promise.resolve(`${name} ${phone}`);
  }

  @CacheEvict(CACHE, { key: (phone: string) => phone })
  touch(_phone: string): Promise<void> {
    return Promise.resolve();
  }
}

const redis = new Redis(String(process.env.REDIS_URL));
afterAll(() => redis.quit());

const apps = new CacheApps();

interface Booted {
  readonly app: CacheApp;
  readonly leads: Leads;
  readonly rollout: CacheRolloutService;
}

async function boot(
  tier: 'memory' | 'redis' = 'redis',
  cache: Omit<RedisCacheModuleOptions, 'connection'> = {},
): Promise<Booted> {
  const app = await apps.boot({ tier, cache, providers: [Leads] });
  return { app, leads: app.get(Leads), rollout: app.get(CacheRolloutService) };
}

function asAcme<T>(work: () => T): T {
  return runWithTenant('acme', work);
}

function heard({ app }: Booted, version: number): Promise<RolloutChange> {
  return new Promise((resolve) => {
    const stop = app.caches.on('rollout', (change) => {
      if (change.version < version) return;
      stop();
      resolve(change);
    });
  });
}

/** What stands in Redis under a prefix, but for what only the bus needs. */
async function keysOf(prefix: string): Promise<string[]> {
  return (await redis.keys(`${prefix}:*`)).map((key) => key.slice(prefix.length)).sort();
}

describe.each(TIERS)('a cache switched while running, in %s', (tier) => {
  it('is not asked any more, and has nothing from before when it is on again', async () => {
    const { leads, rollout, app } = await boot(tier);
    await asAcme(() => leads.byPhone('+1'));
    expect(await rollout.off(CACHE)).toEqual({
      cache: CACHE,
      state: { mode: 'off' },
      configured: { mode: 'on', percent: 100, tenants: [] },
      overridden: true,
      version: 1,
      shared: true,
    });
    leads.name = 'Grace';
    expect(await asAcme(() => leads.byPhone('+1'))).toBe('Grace +1');
    expect(await asAcme(() => leads.byPhone('+1'))).toBe('Grace +1');
    expect(app.counters(CACHE).bypassedBy?.off).toBe(2);
    leads.name = 'Edsger';
    await rollout.set(CACHE, { percent: 100 });
    expect(await asAcme(() => leads.byPhone('+1'))).toBe('Edsger +1');
    expect(await asAcme(() => leads.byPhone('+1'))).toBe('Edsger +1');
    expect(leads.loads).toBe(4);
  });

  it('that is off is as if the method were not decorated: neither tenant nor key is asked for', async () => {
    const { leads, rollout, app } = await boot(tier);
    await rollout.off(CACHE);
    const circle: unknown[] = [];
    circle.push(circle);
    expect(await leads.byPhone(circle as never)).toMatch(/^Ada/);
    await expect(app.caches.cache(CACHE).wrap(circle as never, () => 'v')).resolves.toBe('v');
    await expect(
      app.caches.cache(CACHE).wrap('k', () => Promise.reject(new Error('own'))),
    ).rejects.toThrow('own');
    const atOnce = (): string => {
      throw new Error('at once');
    };
    await expect(app.caches.cache(CACHE).wrap('k', atOnce)).rejects.toThrow('at once');
  });

  it('needs a tenant in shadow mode as when it is on, and for writes while it is off, too', async () => {
    const { leads, rollout } = await boot(tier);
    await rollout.off(CACHE);
    await expect(leads.touch('+1')).rejects.toThrow(TenantMissingError);
    await expect(leads.rename('+1', 'Bob')).rejects.toThrow(TenantMissingError);
    await rollout.set(CACHE, { mode: 'shadow' });
    await expect(leads.byPhone('+1')).rejects.toThrow(TenantMissingError);
    expect(leads).toMatchObject({ name: 'Ada', loads: 0 });
  });

  it('serves the tenants named, and those that the percentage takes in', async () => {
    const { leads, rollout } = await boot(tier);
    await rollout.set(CACHE, { percent: 10, tenants: ['acme'] });
    const served: string[] = [];
    for (const tenant of ['acme', 'globex', 'initech', 'umbrella', 'tenant-7']) {
      leads.loads = 0;
      for (let i = 0; i < 2; i += 1) await runWithTenant(tenant, () => leads.byPhone('+1'));
      expect(leads.loads === 1).toBe(rollout.modeOf(CACHE, tenant) === 'on');
      if (leads.loads === 1) served.push(tenant);
    }
    expect(served).toContain('acme');
    expect(served.length).toBeLessThan(5);
  });

  it('in shadow mode answers from the method, and tells what it would have spared', async () => {
    const { leads, rollout, app } = await boot(tier);
    await rollout.set(CACHE, { mode: 'shadow' });
    for (let i = 0; i < 4; i += 1) await asAcme(() => leads.byPhone('+1'));
    await asAcme(() => leads.touch('+1'));
    await asAcme(() => leads.byPhone('+1'));
    expect(leads.loads).toBe(5);
    expect(app.counters(CACHE)).toMatchObject({ shadowHits: 3, shadowMisses: 2, nearHits: 0 });
    expect(app.counters(CACHE).bypassedBy?.shadow).toBe(5);
  });

  it('goes by the options once more when it is reset', async () => {
    const { leads, rollout } = await boot(tier, { caches: { [CACHE]: { enabled: false } } });
    await rollout.set(CACHE, {});
    for (let i = 0; i < 2; i += 1) await asAcme(() => leads.byPhone('+1'));
    expect(leads.loads).toBe(1);
    expect(await rollout.reset(CACHE)).toMatchObject({
      state: { mode: 'off' },
      overridden: false,
      version: rollout.get(CACHE).version,
    });
    for (let i = 0; i < 2; i += 1) await asAcme(() => leads.byPhone('+1'));
    expect(leads.loads).toBe(3);
  });

  it('begins anew when it is reset, though the options say the same', async () => {
    const { leads, rollout } = await boot(tier);
    await rollout.set(CACHE, { percent: 100 });
    await asAcme(() => leads.byPhone('+1'));
    await rollout.reset(CACHE);
    await asAcme(() => leads.byPhone('+1'));
    expect(leads.loads).toBe(2);
  });
});

describe('a cache that is off in Redis', () => {
  it('has no entry, lease or stamp there, whatever is called, and one small key says so', async () => {
    const prefix = ownPrefix();
    const { leads, rollout, app } = await boot('redis', { prefix });
    await rollout.set(CACHE, { mode: 'shadow' });
    await asAcme(() => leads.byPhone('+1'));
    await rollout.off(CACHE);
    await asAcme(() => leads.byPhone('+1'));
    await asAcme(() => leads.rename('+1', 'Grace'));
    const acme = app.caches.forTenant('acme').cache(CACHE);
    await acme.set('+1', 'set');
    expect([await acme.get('+1'), await acme.exists('+1')]).toEqual([undefined, false]);
    expect(await keysOf(prefix)).toEqual([':{}:rollout']);
    expect(await redis.pttl(`${prefix}:{}:rollout`)).toBe(-1);
    expect(JSON.parse((await redis.get(`${prefix}:{}:rollout`)) as string)).toEqual({
      format: 1,
      caches: {
        [CACHE]: {
          version: 2,
          epoch: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
          state: { mode: 'off' },
          configured: { mode: 'on', percent: 100, tenants: [] },
        },
      },
    });
  });

  it('leaves nothing there where nobody ever says anything of it', async () => {
    const prefix = ownPrefix();
    const { leads } = await boot('redis', { prefix });
    await asAcme(() => leads.byPhone('+1'));
    expect(await keysOf(prefix)).not.toContain(':{}:rollout');
  });
});

describe('two applications on one Redis', () => {
  async function bootTwo(): Promise<[Booted, Booted]> {
    const cache = { prefix: ownPrefix() };
    return [await boot('redis', cache), await boot('redis', cache)];
  }

  it('have a change by the one hold in both, and told of', async () => {
    const [a, b] = await bootTwo();
    await asAcme(() => a.leads.byPhone('+1'));
    await asAcme(() => b.leads.byPhone('+1'));
    const change = heard(b, 1);
    await a.rollout.off(CACHE);
    expect(await change).toEqual({
      cache: CACHE,
      from: { mode: 'on', percent: 100, tenants: [] },
      to: { mode: 'off' },
      version: 1,
      by: 'other',
    });
    b.leads.name = 'Grace';
    expect(await asAcme(() => b.leads.byPhone('+1'))).toBe('Grace +1');
    const again = heard(a, 2);
    await b.rollout.set(CACHE, {});
    await again;
    a.leads.name = 'Grace';
    expect(await asAcme(() => a.leads.byPhone('+1'))).toBe('Grace +1');
    expect(await asAcme(() => b.leads.byPhone('+1'))).toBe('Grace +1');
    expect([a.leads.loads, b.leads.loads]).toEqual([2, 1]);
  });

  it('store nothing of a load that was under way in the one when the other switched off and on', async () => {
    const [a, b] = await bootTwo();
    const gate = new Gate();
    a.leads.gate = gate;
    const reading = asAcme(() => a.leads.byPhone('+1'));
    await gate.reached;
    for (const state of [{ mode: 'off' }, {}] as const) {
      const change = heard(a, b.rollout.get(CACHE).version + 1);
      await b.rollout.set(CACHE, state);
      await change;
    }
    for (const each of [a, b]) each.leads.name = 'Grace';
    gate.open();
    expect(await reading).toBe('Ada +1');
    expect(await asAcme(() => b.leads.byPhone('+1'))).toBe('Grace +1');
    expect(await asAcme(() => a.leads.byPhone('+1'))).toBe('Grace +1');
  });

  it('evict by the one that is off by its options for the one that is on', async () => {
    const prefix = ownPrefix();
    const a = await boot('redis', { prefix });
    const b = await boot('redis', { prefix, caches: { [CACHE]: { enabled: false } } });
    await asAcme(() => a.leads.byPhone('+1'));
    a.leads.name = 'Grace';
    const evicted = new Promise((resolve) => a.app.caches.on('remoteInvalidation', resolve));
    await asAcme(() => b.leads.touch('+1'));
    await evicted;
    expect(await asAcme(() => a.leads.byPhone('+1'))).toBe('Grace +1');
  });

  it('have what was stored by a deployment end with one whose options leave the cache out', async () => {
    const prefix = ownPrefix();
    const on = await boot('redis', { prefix });
    await asAcme(() => on.leads.byPhone('+1'));
    await on.app.nest.close();
    const off = await boot('redis', { prefix, defaults: { enabled: false } });
    await until(() => off.rollout.get(CACHE).version === 1);
    await off.app.nest.close();
    const again = await boot('redis', { prefix });
    again.leads.name = 'Grace';
    expect(await asAcme(() => again.leads.byPhone('+1'))).toBe('Grace +1');
    expect(again.rollout.get(CACHE)).toMatchObject({ version: 2, overridden: false });
  });
});

describe('what the options say', () => {
  it.each<[RedisCacheModuleOptions['caches'], RedisCacheModuleOptions['defaults'], object]>([
    [{}, {}, { mode: 'on', percent: 100, tenants: [] }],
    [{ [CACHE]: { enabled: false, rollout: { percent: 10 } } }, {}, { mode: 'off' }],
    [{ [CACHE]: { enabled: true } }, { enabled: false }, { mode: 'on', percent: 100, tenants: [] }],
    [{ [CACHE]: { ttl: 1 } }, { rollout: { mode: 'shadow' } }, { mode: 'shadow' }],
    [
      { [CACHE]: { rollout: { percent: 12.5 } } },
      { enabled: false },
      { mode: 'on', percent: 12.5, tenants: [] },
    ],
    [
      { [CACHE]: { rollout: { tenants: ['a', 'a'] } } },
      {},
      { mode: 'on', percent: 0, tenants: ['a'] },
    ],
    [{ [CACHE]: { rollout: { mode: 'off', percent: 5, tenants: ['a'] } } }, {}, { mode: 'off' }],
  ])('of the cache in %j and defaults %j comes to %j', async (caches, defaults, state) => {
    const { rollout } = await boot('memory', { caches, defaults });
    expect(rollout.get(CACHE)).toEqual({
      cache: CACHE,
      state,
      configured: state,
      overridden: false,
      version: 0,
    });
    expect(rollout.list().map(({ cache }) => cache)).toEqual([CACHE, 'default'].sort());
  });

  it.each<[string, RedisCacheModuleOptions, string]>([
    [
      'enabled',
      { caches: { x: { enabled: 1 as never } } },
      `Option caches['x'].enabled is 1; expected true or false.`,
    ],
    [
      'mode',
      { caches: { x: { rollout: { mode: 'dark' as never } } } },
      `Option caches['x'].rollout.mode is 'dark'; expected 'off', 'shadow' or 'on'.`,
    ],
    [
      'percent',
      { defaults: { rollout: { percent: 101 } } },
      `Option defaults.rollout.percent is 101; expected a number from 0 to 100, with two decimals at most.`,
    ],
    [
      'decimals',
      { defaults: { rollout: { percent: 0.001 } } },
      `Option defaults.rollout.percent is 0.001;`,
    ],
    ['tenants', { defaults: { rollout: { tenants: [''] } } }, `Option defaults.rollout.tenants is`],
    [
      'a field',
      { defaults: { rollout: { perc: 1 } as never } },
      `Option defaults.rollout.perc is '***'; expected one of the fields mode, percent, tenants.`,
    ],
    [
      'a part of a global cache',
      { caches: { x: { scope: 'global', rollout: { percent: 10 } } } },
      `Option caches['x'].rollout.percent is 10; expected 0 or 100. The cache has the scope 'global'`,
    ],
    [
      'a tenant of a global cache',
      { caches: { x: { scope: 'global', rollout: { tenants: ['a'] } } } },
      `Option caches['x'].rollout.tenants is`,
    ],
  ])('is refused at boot where %s cannot be', async (_, cache, message) => {
    await expect(boot('memory', cache)).rejects.toThrow(message);
  });

  it.each(['enabled', 'rollout'])('is refused of %s in a decorator or a call', async (field) => {
    class Wrong {
      @Cacheable('wrong', { [field]: field === 'enabled' ? false : {} } as never)
      byId(id: string): Promise<string> {
        return Promise.resolve(id);
      }
    }
    await expect(apps.boot({ providers: [Wrong] })).rejects.toThrow(
      `to be stated in the module's options alone`,
    );
    const { app } = await boot('memory');
    const policy = { [field]: field === 'enabled' ? false : {} };
    await expect(app.caches.wrap('k', () => 1, policy as never)).rejects.toThrow(
      `Option policy of default.wrap.${field} is`,
    );
  });

  it('leaves a global cache out of a percentage of all caches, and takes it in at 100', async () => {
    const { app, rollout } = await boot('memory', {
      defaults: { rollout: { percent: 99 } },
      caches: { settings: { scope: 'global' } },
    });
    const load = jest.fn(() => 'dark');
    const theme = () => app.caches.cache('settings').wrap('theme', load);
    await theme();
    await theme();
    expect(load).toHaveBeenCalledTimes(2);
    await expect(rollout.set('settings', { percent: 50 })).rejects.toThrow(
      `Option rollout of 'settings'.percent is 50; expected 0 or 100.`,
    );
    await rollout.set('settings', { percent: 100 });
    await theme();
    await theme();
    expect(load).toHaveBeenCalledTimes(3);
  });

  it('is refused by the service as well, and nothing has changed then', async () => {
    const { rollout } = await boot('memory');
    await expect(rollout.set(CACHE, { percent: -1 })).rejects.toThrow(
      `Option rollout of '${CACHE}'.percent is -1`,
    );
    await expect(rollout.set('', {})).rejects.toThrow(`Option cache name is ''`);
    expect(rollout.get(CACHE)).toMatchObject({ version: 0 });
  });
});
