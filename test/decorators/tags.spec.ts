import { Injectable } from '@nestjs/common';
import {
  Cacheable,
  CacheEvict,
  CachePut,
  InvalidDecoratorError,
  runWithTenant,
  TenantMissingError,
} from 'nestjs-redis-cache';
import { CacheApps, TIERS } from '../support/cache-apps.js';

interface Lead {
  id: string;
  team: string;
}

@Injectable()
class LeadService {
  readonly loads: string[] = [];
  readonly written: string[] = [];

  @Cacheable('lead.byId', {
    tags: (id: string) => [`lead:${id}`],
    resultTags: (lead: Lead) => [`team:${lead.team}`],
  })
  async byId(id: string): Promise<Lead> {
    this.loads.push(id);
    return { id, team: id.startsWith('a') ? 'red' : 'blue' };
  }

  @Cacheable('lead.summary', { tags: ['summaries'] })
  async summary(id: string): Promise<string> {
    this.loads.push(`summary ${id}`);
    return `about ${id}`;
  }

  @Cacheable('settings', { scope: 'global', tags: ['settings'] })
  async settings(): Promise<string> {
    this.loads.push('settings');
    return 'dark';
  }

  @CachePut('lead.byId', { key: (id: string) => id, tags: (id: string) => [`lead:${id}`] })
  async rename(id: string, team: string): Promise<Lead> {
    return { id, team };
  }

  @CacheEvict({ tags: (id: string) => [`lead:${id}`, 'summaries'] })
  async change(id: string, fails = false): Promise<string> {
    this.written.push(id);
    if (fails) throw new Error('constraint');
    return id;
  }

  @CacheEvict({
    resultTags: (team: string) => [`team:${team}`],
    unless: (team: string) => team === '',
  })
  async dissolve(team: string): Promise<string> {
    return team;
  }

  @CacheEvict({ tags: ['summaries'], beforeInvocation: true })
  async rebuild(): Promise<void> {
    throw new Error('half done');
  }

  @CacheEvict('lead.byId', { allEntries: true })
  async importMany(_rows: string[], _source: string): Promise<void> {
    this.written.push('many');
  }

  @CacheEvict({ tags: ['settings'], scope: 'global' })
  async reconfigure(): Promise<void> {
    this.written.push('settings');
  }
}

describe.each(TIERS)('tags by decorators, in %s', (tier) => {
  const apps = new CacheApps();

  async function boot() {
    const leads = (await apps.boot({ tier, providers: [LeadService] })).get(LeadService);
    const acme = <T>(fn: () => Promise<T>) => runWithTenant('acme', fn);
    const read = (id: string) => acme(() => leads.byId(id));
    await read('a1');
    await read('a2');
    await read('b1');
    await acme(() => leads.summary('a1'));
    await runWithTenant('other', () => leads.byId('a1'));
    leads.loads.length = 0;
    /** Reads everything again; gives what had to be loaded. */
    const gone = async () => {
      for (const id of ['a1', 'a2', 'b1']) await read(id);
      await acme(() => leads.summary('a1'));
      await runWithTenant('other', () => leads.byId('a1'));
      return leads.loads.splice(0);
    };
    return { leads, acme, read, gone };
  }

  it('evict what the arguments of a write name, in all caches of the tenant and no other', async () => {
    const { leads, acme, gone } = await boot();
    expect(await acme(() => leads.change('a1'))).toBe('a1');
    expect(await gone()).toEqual(['a1', 'summary a1']);
  });

  it('evict what the result of a write names, unless it says not to', async () => {
    const { leads, acme, gone } = await boot();
    await acme(() => leads.dissolve(''));
    expect(await gone()).toEqual([]);
    await acme(() => leads.dissolve('red'));
    expect(await gone()).toEqual(['a1', 'a2']);
  });

  it('evict nothing when the write fails, but with beforeInvocation', async () => {
    const { leads, acme, gone } = await boot();
    await expect(acme(() => leads.change('a1', true))).rejects.toThrow('constraint');
    expect(await gone()).toEqual([]);
    await expect(acme(() => leads.rebuild())).rejects.toThrow('half done');
    expect(await gone()).toEqual(['summary a1']);
  });

  it('evict also what a put has stored under them', async () => {
    const { leads, acme, read } = await boot();
    await acme(() => leads.rename('a1', 'green'));
    expect(await read('a1')).toEqual({ id: 'a1', team: 'green' });
    await acme(() => leads.change('a1'));
    expect(await read('a1')).toEqual({ id: 'a1', team: 'red' });
  });

  it('allEntries evicts the whole cache of the tenant', async () => {
    const { leads, acme, gone } = await boot();
    await acme(() => leads.importMany([], 'csv'));
    expect(await gone()).toEqual(['a1', 'a2', 'b1']);
  });

  it('of the global scope reach the global caches', async () => {
    const { leads } = await boot();
    await leads.settings();
    await leads.settings();
    await leads.reconfigure();
    await leads.settings();
    expect(leads.loads).toEqual(['settings', 'settings']);
  });

  it('let no write happen that has no tenant', async () => {
    const { leads } = await boot();
    await expect(leads.change('a1')).rejects.toThrow(TenantMissingError);
    await expect(leads.importMany([], 'csv')).rejects.toThrow(TenantMissingError);
    expect(leads.written).toEqual([]);
  });
});

describe('@CacheEvict refuses', () => {
  const refusal = (decorate: () => void): string => {
    try {
      decorate();
    } catch (error) {
      if (error instanceof InvalidDecoratorError) return error.message;
      throw error;
    }
    throw new Error('It was accepted.');
  };

  it('neither a cache nor tags', () => {
    const message = refusal(() => {
      class LeadService {
        @CacheEvict({})
        async remove(): Promise<void> {
          return Promise.resolve();
        }
      }
      return LeadService;
    });
    expect(message).toBe(
      '@CacheEvict on LeadService.remove says neither a cache nor tags. ' +
        'Name a cache, or say tags: (id: string) => [`lead:${id}`].',
    );
  });

  it('allEntries together with a key', () => {
    const message = refusal(() => {
      class LeadService {
        @CacheEvict('lead', { allEntries: true, key: (id: string) => id })
        async remove(_id: string): Promise<void> {
          return Promise.resolve();
        }
      }
      return LeadService;
    });
    expect(message).toBe(
      '@CacheEvict on LeadService.remove has allEntries and key. Keep one of the two.',
    );
  });
});
