import { Injectable } from '@nestjs/common';
import { Cacheable, CacheEvict, InvalidCacheKeyError, runWithTenant } from 'nestjs-redis-cache';
import { CacheApps, TIERS } from '../support/cache-apps.js';
import { Gate } from '../support/gate.js';

interface Lead {
  id: string;
  phone: string;
}

const ADA: Lead = { id: '1', phone: '+1' };

@Injectable()
class LeadService {
  loads = 0;
  readonly removed: string[] = [];
  gate: Gate | undefined;

  @Cacheable('lead.byId')
  async byId(_id: string): Promise<number> {
    return ++this.loads;
  }

  @CacheEvict('lead.byId', { key: (id: string) => id })
  async remove(id: string, _reason: string): Promise<string> {
    this.removed.push(id);
    return `removed ${id}`;
  }

  @CacheEvict('lead.byId')
  async forget(_id: string): Promise<void> {
    await this.gate?.pass();
  }

  @CacheEvict('lead.byId', { resultKey: (lead: Lead) => lead.id })
  async removeByPhone(phone: string): Promise<Lead> {
    return { ...ADA, phone };
  }

  @CacheEvict('lead.byId', {
    resultKey: (lead: Lead, base: number) => String(base + Number(lead.id)),
  })
  async removeNext(_base: number): Promise<Lead> {
    return ADA;
  }

  @CacheEvict('lead.byId', {
    key: (id: string) => id,
    condition: (_id: string, really: boolean) => really,
    unless: (found: boolean, id: string) => !found && id === '1',
  })
  async removeIf(_id: string, _really: boolean, found: boolean): Promise<boolean> {
    return found;
  }

  @CacheEvict('lead.byId', { key: (id: string) => id })
  async fail(id: string): Promise<void> {
    throw new Error(`no ${id}`);
  }

  @CacheEvict('lead.byId', { key: (id: string) => id, beforeInvocation: true })
  async removeFirst(id: string, fails: boolean): Promise<string> {
    await this.gate?.pass();
    if (fails) throw new Error(`no ${id}`);
    return `removed ${id}`;
  }

  @CacheEvict('lead.byId', { condition: () => JSON.parse('broken') as boolean })
  async removeUndecidedly(_id: string): Promise<string> {
    return 'done';
  }

  @CacheEvict('lead.byId', { unless: () => JSON.parse('broken') as boolean })
  async removeOddly(_id: string): Promise<string> {
    return 'done';
  }

  @CacheEvict('lead.byId', { key: (filter: { id: unknown }) => filter.id as string })
  async removeBy(filter: { id: unknown }): Promise<void> {
    this.removed.push(String(filter.id));
  }
}

describe.each(TIERS)('@CacheEvict in %s', (tier) => {
  const apps = new CacheApps();

  /** The service, with lead 1 read into the cache, and whether that entry is still there. */
  async function boot() {
    const app = await apps.boot({
      tier,
      providers: [LeadService],
      cache: { defaults: { scope: 'global' } },
    });
    const leads = app.get(LeadService);
    await leads.byId('1');
    return { app, leads, isCached: () => app.caches.cache('lead.byId').exists('1') };
  }

  it('evicts the entry after the method succeeded, and answers its result', async () => {
    const { leads, isCached } = await boot();
    expect(await leads.remove('1', 'because')).toBe('removed 1');
    expect(await isCached()).toBe(false);
    expect(await leads.byId('1')).toBe(2);
  });

  it('takes the only argument for the key where none is given', async () => {
    const { leads, isCached } = await boot();
    await leads.forget('2');
    expect(await isCached()).toBe(true);
    await leads.forget('1');
    expect(await isCached()).toBe(false);
  });

  it('makes the key of the result, or of it and the arguments', async () => {
    const { leads, isCached } = await boot();
    await leads.removeByPhone('+1');
    expect(await isCached()).toBe(false);
    await leads.byId('1');
    await leads.removeNext(0);
    expect(await isCached()).toBe(false);
  });

  it('keeps the entry where the condition says no', async () => {
    const { app, leads, isCached } = await boot();
    await leads.removeIf('1', false, true);
    expect(await isCached()).toBe(true);
    expect(app.counters('lead.byId')).toMatchObject({ bypassed: 1, evictions: 0 });
  });

  it('keeps the entry where unless says so, called with the result and the arguments', async () => {
    const { leads, isCached } = await boot();
    await leads.removeIf('1', true, false);
    expect(await isCached()).toBe(true);
    await leads.removeIf('1', true, true);
    expect(await isCached()).toBe(false);
  });

  it('keeps the entry where the method fails, and passes its error', async () => {
    const { leads, isCached } = await boot();
    await expect(leads.fail('1')).rejects.toThrow(new Error('no 1'));
    expect(await isCached()).toBe(true);
  });

  it('keeps the entry until the method is done', async () => {
    const { leads, isCached } = await boot();
    const gate = (leads.gate = new Gate());
    const forgetting = leads.forget('1');
    await gate.reached;
    expect(await isCached()).toBe(true);
    gate.open();
    await forgetting;
    expect(await isCached()).toBe(false);
  });

  it.each(['removeUndecidedly', 'removeOddly'] as const)(
    'evicts, and tells of it, where %s cannot tell what to do',
    async (method) => {
      const { app, leads, isCached } = await boot();
      const heard: unknown[] = [];
      app.caches.on('policyError', (event) => heard.push(event));
      expect(await leads[method]('1')).toBe('done');
      expect(await isCached()).toBe(false);
      expect(heard).toEqual([{ cache: 'lead.byId', error: expect.any(SyntaxError) }]);
    },
  );

  it('refuses arguments that make no key before the method runs', async () => {
    const { leads } = await boot();
    const problem = [
      [
        undefined,
        'key',
        'is undefined',
        'Return what tells the entries apart, or skip the cache with a condition.',
      ],
      [() => '1', 'key', 'is a function', expect.any(String)],
    ] as const;
    for (const [id, path, what] of problem) {
      const call = leads.removeBy({ id });
      await expect(call).rejects.toBeInstanceOf(InvalidCacheKeyError);
      await expect(call).rejects.toMatchObject({
        path,
        message: expect.stringContaining(`Cannot make a cache key: ${path} ${what}. `),
      });
    }
    expect(leads.removed).toEqual([]);
  });

  describe('before the invocation', () => {
    it.each([
      ['succeeds', false],
      ['fails', true],
    ])('evicts before the method and again after it %s', async (_, fails) => {
      const { app, leads, isCached } = await boot();
      const gate = (leads.gate = new Gate());
      const removing = leads.removeFirst('1', fails).catch((error: unknown) => error);
      await gate.reached;
      expect(await isCached()).toBe(false);
      expect(await leads.byId('1')).toBe(2);
      expect(await isCached()).toBe(true);
      gate.open();
      expect(await removing).toEqual(fails ? new Error('no 1') : 'removed 1');
      expect(await isCached()).toBe(false);
      expect(app.counters('lead.byId')).toMatchObject({ evictions: 2 });
    });
  });
});

describe('@CacheEvict and tenants', () => {
  const apps = new CacheApps();

  it('evicts for the tenant of the call and for no other', async () => {
    const app = await apps.boot({ providers: [LeadService] });
    const leads = app.get(LeadService);
    const isCached = (tenant: string) =>
      app.caches.forTenant(tenant).cache('lead.byId').exists('1');
    await runWithTenant('acme', () => leads.byId('1'));
    await runWithTenant('globex', () => leads.byId('1'));
    await runWithTenant('acme', () => leads.remove('1', 'because'));
    expect([await isCached('acme'), await isCached('globex')]).toEqual([false, true]);
  });
});

describe('@CacheEvict on a load in flight', () => {
  const apps = new CacheApps();

  @Injectable()
  class SlowService {
    loads = 0;
    gate: Gate | undefined = new Gate();

    @Cacheable('slow.byId', { scope: 'global' })
    async byId(_id: string): Promise<number> {
      const answer = ++this.loads;
      await this.gate?.pass();
      return answer;
    }

    @CacheEvict('slow.byId')
    async remove(_id: string): Promise<void> {
      return undefined;
    }
  }

  it.each(TIERS)('keeps its value out of the cache, in %s', async (tier) => {
    const slow = (await apps.boot({ tier, providers: [SlowService] })).get(SlowService);
    const { gate } = slow;
    const before = slow.byId('1');
    await gate?.reached;
    slow.gate = undefined;
    await slow.remove('1');
    expect(await slow.byId('1')).toBe(2);
    gate?.open();
    expect(await before).toBe(1);
    expect(await slow.byId('1')).toBe(2);
  });
});
