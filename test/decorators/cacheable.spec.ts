import { Injectable } from '@nestjs/common';
import { Cacheable, runWithTenant } from 'nestjs-redis-cache';
import { CacheApps, TIERS } from '../support/cache-apps.js';

interface Lead {
  id: string;
  name: string;
}

interface Search {
  name: string;
  limit?: number | undefined;
}

@Injectable()
class LeadService {
  readonly calls: unknown[][] = [];
  answer: Lead | null | undefined = { id: '1', name: 'Ada' };
  condition = (_id: string): boolean => true;

  @Cacheable('lead.all')
  async all(): Promise<Lead | null | undefined> {
    return this.ran('all');
  }

  @Cacheable('lead.search')
  async search(search: Search | string | number | null, page?: number): Promise<unknown> {
    return this.ran('search', search, page);
  }

  @Cacheable('lead.byId', { key: (id: string) => id })
  async byId(id: string, trace: string): Promise<Lead | null | undefined> {
    return this.ran('byId', id, trace);
  }

  @Cacheable('lead.inList', { key: (list: string, id: number) => [list, id] })
  async inList(list: string, id: number, trace: string): Promise<unknown> {
    return this.ran('inList', list, id, trace);
  }

  @Cacheable('lead.short', { key: (id: string) => id, condition: (id: string) => id.length < 3 })
  async short(id: string): Promise<unknown> {
    return this.ran('short', id);
  }

  @Cacheable('lead.found', {
    key: (id: string) => id,
    unless: (lead: Lead | null | undefined, id: string) => lead?.id !== id,
  })
  async found(id: string): Promise<Lead | null | undefined> {
    return this.ran('found', id);
  }

  @Cacheable('lead.untyped', { condition: () => JSON.parse('broken') as boolean })
  async withBrokenCondition(id: string): Promise<unknown> {
    return this.ran('withBrokenCondition', id);
  }

  @Cacheable('lead.untyped', { unless: () => JSON.parse('broken') as boolean })
  async withBrokenUnless(id: string): Promise<unknown> {
    return this.ran('withBrokenUnless', id);
  }

  private async ran(...call: unknown[]): Promise<Lead | null | undefined> {
    this.calls.push(call);
    return this.answer;
  }
}

describe.each(TIERS)('@Cacheable in %s', (tier) => {
  const apps = new CacheApps();

  async function boot() {
    const app = await apps.boot({ tier, providers: [LeadService] });
    return { app, leads: app.get(LeadService) };
  }

  const asAcme = <T>(fn: () => Promise<T>) => runWithTenant('acme', fn);

  it('runs the method for the first call and answers the next ones itself', async () => {
    const { app, leads } = await boot();
    const answers = await asAcme(async () => [
      await leads.all(),
      await leads.all(),
      await leads.all(),
    ]);
    expect(answers).toEqual([leads.answer, leads.answer, leads.answer]);
    expect(leads.calls).toEqual([['all']]);
    expect(app.counters('lead.all')).toMatchObject({ misses: 1, loads: 1, fills: 1, nearHits: 2 });
  });

  it.each([null, undefined])('caches %s, too', async (nothing) => {
    const { leads } = await boot();
    leads.answer = nothing;
    expect(await asAcme(async () => [await leads.all(), await leads.all()])).toEqual([
      nothing,
      nothing,
    ]);
    expect(leads.calls).toHaveLength(1);
  });

  it('answers each caller with an object of its own', async () => {
    const { leads } = await boot();
    await asAcme(async () => {
      const first = await leads.all();
      (first as Lead).name = 'Eve';
      (leads.answer as Lead).name = 'Mallory';
      const second = await leads.all();
      expect(second).toEqual({ id: '1', name: 'Ada' });
      (second as Lead).name = 'Trudy';
      expect(await leads.all()).toEqual({ id: '1', name: 'Ada' });
    });
  });

  it('makes the key of all arguments: equal ones meet, different ones do not', async () => {
    const { leads } = await boot();
    await asAcme(async () => {
      await leads.search({ name: 'a', limit: 1 }, 2);
      await leads.search({ limit: 1, name: 'a' }, 2);
      await leads.search('1');
      await leads.search(1);
      await leads.search(null);
      await leads.search('null');
      await leads.search({ name: 'a', limit: undefined }, 2);
    });
    expect(leads.calls).toEqual([
      ['search', { name: 'a', limit: 1 }, 2],
      ['search', '1', undefined],
      ['search', 1, undefined],
      ['search', null, undefined],
      ['search', 'null', undefined],
      ['search', { name: 'a', limit: undefined }, 2],
    ]);
  });

  it('takes a missing argument and undefined for different calls', async () => {
    const { leads } = await boot();
    await asAcme(async () => {
      await leads.search('a');
      await leads.search('a', undefined);
    });
    expect(leads.calls).toHaveLength(2);
  });

  it('makes the key by the key function, called with the arguments', async () => {
    const { app, leads } = await boot();
    await asAcme(async () => {
      await leads.byId('1', 'first');
      await leads.byId('1', 'second');
      await leads.byId('2', 'third');
    });
    expect(leads.calls).toEqual([
      ['byId', '1', 'first'],
      ['byId', '2', 'third'],
    ]);
    const stored = app.caches.forTenant('acme').cache('lead.byId');
    expect(await stored.get('1')).toEqual(leads.answer);
  });

  it('takes an array that the key function returns for several parts', async () => {
    const { app, leads } = await boot();
    await asAcme(async () => {
      await leads.inList('a', 1, 'first');
      await leads.inList('a', 1, 'second');
      await leads.inList('a', 2, 'third');
    });
    expect(leads.calls).toHaveLength(2);
    const stored = app.caches.forTenant('acme').cache('lead.inList');
    expect(await stored.get(['a', 2])).toEqual(leads.answer);
    expect(await stored.exists(['a', '2'])).toBe(false);
  });

  it('leaves out the cache where the condition says no', async () => {
    const { app, leads } = await boot();
    await asAcme(async () => {
      await leads.short('long');
      await leads.short('long');
      await leads.short('ab');
      await leads.short('ab');
    });
    expect(leads.calls).toEqual([
      ['short', 'long'],
      ['short', 'long'],
      ['short', 'ab'],
    ]);
    expect(app.counters('lead.short')).toMatchObject({ bypassed: 2, loads: 1, nearHits: 1 });
  });

  it('does not store what unless names, called with the result and the arguments', async () => {
    const { leads } = await boot();
    await asAcme(async () => {
      await leads.found('2');
      await leads.found('2');
      await leads.found('1');
      await leads.found('1');
      leads.answer = null;
      expect(await leads.found('3')).toBeNull();
      expect(await leads.found('3')).toBeNull();
    });
    expect(leads.calls.map(([, id]) => id)).toEqual(['2', '2', '1', '3', '3']);
  });

  it('answers from the method, and tells of it, where condition or unless throw', async () => {
    const { app, leads } = await boot();
    const heard: unknown[] = [];
    app.caches.on('policyError', (event) => heard.push(event));
    await asAcme(async () => {
      expect(await leads.withBrokenCondition('1')).toEqual(leads.answer);
      expect(await leads.withBrokenCondition('1')).toEqual(leads.answer);
      expect(await leads.withBrokenUnless('1')).toEqual(leads.answer);
      expect(await leads.withBrokenUnless('1')).toEqual(leads.answer);
    });
    expect(leads.calls).toHaveLength(4);
    const told = { cache: 'lead.untyped', error: expect.any(SyntaxError) };
    expect(heard).toEqual([told, told, told, told]);
  });
});
