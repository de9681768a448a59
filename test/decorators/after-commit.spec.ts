import { Injectable } from '@nestjs/common';
import { Cacheable, CacheEvict, CachePut, runWithTenant } from 'nestjs-redis-cache';
import { defer, Observable } from 'rxjs';
import { CacheApps, TIERS } from '../support/cache-apps.js';
import { Gate } from '../support/gate.js';
import { Transactions } from '../support/transactions.js';

const ROLLBACK = new Error('rolled back');
const database = new Transactions();

interface Lead {
  id: string;
  name: string;
}

const idOf = ({ id }: Lead) => id;
const byId = (id: string) => id;

@Injectable()
class LeadService {
  readonly calls: string[] = [];

  @Cacheable('lead.byId', { key: byId, tags: (id: string) => [`lead:${id}`] })
  async byId(id: string): Promise<unknown> {
    this.calls.push(`byId ${id}`);
    return database.read(id);
  }

  @CacheEvict('lead.byId', { key: byId })
  async evict(id: string, name: string): Promise<void> {
    this.write({ id, name });
  }

  @CacheEvict('lead.byId', { resultKey: idOf })
  async evictByResult(id: string, name: string): Promise<Lead> {
    return this.write({ id, name });
  }

  @CacheEvict('lead.byId', { allEntries: true })
  async evictAll(id: string, name: string): Promise<void> {
    this.write({ id, name });
  }

  @CacheEvict({ tags: (id: string) => [`lead:${id}`], scope: 'global' })
  async evictTags(id: string, name: string): Promise<void> {
    this.write({ id, name });
  }

  @CacheEvict({ resultTags: ({ id }: Lead) => [`lead:${id}`], scope: 'global' })
  async evictResultTags(id: string, name: string): Promise<Lead> {
    return this.write({ id, name });
  }

  @CacheEvict('lead.byId', { key: byId })
  evictStream(id: string, name: string): Observable<Lead> {
    return defer(async () => this.write({ id, name }));
  }

  @CachePut('lead.byId', { key: byId })
  async put(id: string, name: string): Promise<unknown> {
    this.write({ id, name });
    return name;
  }

  @CachePut('lead.byId', { resultKey: idOf, unless: () => true })
  async putByResult(id: string, name: string): Promise<Lead> {
    return this.write({ id, name });
  }

  @CacheEvict('lead.byId', { key: byId, beforeInvocation: true })
  async evictFirst(id: string, name: string): Promise<void> {
    const before = await this.byId(id);
    this.calls.push(`reader got ${String(before)}`);
    this.write({ id, name });
  }

  @CacheEvict('lead.byId', { key: byId, unless: () => true })
  async spare(id: string, name: string): Promise<void> {
    this.write({ id, name });
  }

  @CacheEvict('lead.byId', { key: byId })
  async fail(_id: string): Promise<void> {
    throw new Error('of the method');
  }

  @CacheEvict('lead.byId', { key: byId, afterCommit: false })
  async evictAtOnce(id: string, name: string): Promise<void> {
    this.write({ id, name });
  }

  @CacheEvict({ tags: (id: string) => [`lead:${id}`], scope: 'global', afterCommit: false })
  async evictTagsAtOnce(id: string, name: string): Promise<void> {
    this.write({ id, name });
  }

  @CachePut('lead.byId', { key: byId, afterCommit: false })
  async putAtOnce(id: string, name: string): Promise<string> {
    this.write({ id, name });
    return name;
  }

  @CacheEvict('lead.byId', { key: byId })
  async inTransactionOfItsOwn(id: string, name: string): Promise<void> {
    await database.run(async () => this.write({ id, name }));
  }

  @CacheEvict('lead.byId', { key: byId, tenant: (_id: string, tenant: string) => tenant })
  async evictFor(_id: string, _tenant: string): Promise<void> {
    return undefined;
  }

  private write(lead: Lead): Lead {
    database.write(lead.id, lead.name);
    return lead;
  }
}

describe.each(TIERS)('decorated methods within a transaction (%s)', (tier) => {
  const apps = new CacheApps();

  /** The service, with lead 1 read into the cache by the name of `old`. */
  async function boot(scope: 'global' | 'tenant' = 'global') {
    const app = await apps.boot({
      tier,
      providers: [LeadService],
      cache: { defaults: { scope }, transaction: { current: database.current } },
    });
    const leads = app.get(LeadService);
    database.write('1', 'old');
    if (scope === 'global') await leads.byId('1');
    leads.calls.length = 0;
    return { app, leads, cached: () => app.caches.cache('lead.byId').get('1') };
  }

  const WRITES = [
    'evict',
    'evictByResult',
    'evictAll',
    'evictTags',
    'evictResultTags',
    'evictFirst',
    'put',
    'putByResult',
  ] as const;

  it.each(WRITES)('%s: is seen after the commit, also if a reader came before it', async (name) => {
    const { leads } = await boot();
    const gate = new Gate();
    const writing = database.run(async () => {
      await leads[name]('1', 'new');
      await gate.pass();
    });
    await gate.reached;
    expect(await leads.byId('1')).toBe('old');
    gate.open();
    await writing;
    expect(await leads.byId('1')).toBe('new');
  });

  it.each(WRITES)('%s: changes nothing after a rollback', async (name) => {
    const { leads } = await boot();
    const work = async () => {
      await leads[name]('1', 'new');
      throw ROLLBACK;
    };
    await expect(database.run(work)).rejects.toBe(ROLLBACK);
    leads.calls.length = 0;
    expect(await leads.byId('1')).toBe('old');
    expect(leads.calls).toEqual([]);
  });

  it('@CachePut keeps no lease meanwhile: a reader loads without waiting for the commit', async () => {
    const { app, leads } = await boot();
    await app.caches.cache('lead.byId').del('1');
    await database.run(async () => {
      expect(await leads.put('1', 'new')).toBe('new');
      expect(await leads.byId('1')).toBe('old');
    });
    expect(leads.calls).toEqual(['byId 1']);
    expect(app.counters('lead.byId').waited).toBe(0);
    expect(await leads.byId('1')).toBe('new');
  });

  it('beforeInvocation evicts before the method as well, at once', async () => {
    const { leads } = await boot();
    await database.run(() => leads.evictFirst('1', 'new'));
    expect(leads.calls).toEqual(['byId 1', 'reader got old']);
  });

  it('evicts when an Observable has completed that was subscribed to in the transaction', async () => {
    const { leads, cached } = await boot();
    await database.run(async () => {
      await new Promise<void>((complete) => {
        leads.evictStream('1', 'new').subscribe({ complete });
      });
      expect(await cached()).toBe('old');
    });
    expect(await cached()).toBeUndefined();
  });

  it('spares the entry by `unless`, and where the method fails, after the commit too', async () => {
    const { leads, cached } = await boot();
    await database.run(async () => {
      await leads.spare('1', 'new');
      await expect(leads.fail('1')).rejects.toThrow('of the method');
    });
    expect(await cached()).toBe('old');
  });

  it.each(['evictAtOnce', 'evictTagsAtOnce'] as const)('%s does not wait', async (name) => {
    const { leads, cached } = await boot();
    await database.run(async () => {
      await leads[name]('1', 'new');
      expect(await cached()).toBeUndefined();
    });
  });

  it('putAtOnce stores within the transaction', async () => {
    const { leads, cached } = await boot();
    await database.run(async () => {
      await leads.putAtOnce('1', 'new');
      expect(await cached()).toBe('new');
    });
    expect(await cached()).toBe('new');
  });

  it('evicts at once where the transaction is within the method, and so has committed', async () => {
    const { leads } = await boot();
    await leads.inTransactionOfItsOwn('1', 'new');
    expect(await leads.byId('1')).toBe('new');
  });

  it('evicts for the tenant of the call', async () => {
    const { app, leads } = await boot('tenant');
    const cached = (tenant: string) => app.caches.forTenant(tenant).cache('lead.byId').get('1');
    const TENANTS = ['acme', 'umbrella', 'initech'];
    for (const tenant of TENANTS) await runWithTenant(tenant, () => leads.byId('1'));
    await runWithTenant('initech', () =>
      database.run(async () => {
        await runWithTenant('acme', () => leads.evict('1', 'new'));
        await leads.evictFor('1', 'umbrella');
      }),
    );
    expect(await Promise.all(TENANTS.map(cached))).toEqual([undefined, undefined, 'old']);
  });
});
