import { Injectable } from '@nestjs/common';
import { Cacheable, CacheEvict, CachePut, InvalidCacheKeyError } from 'nestjs-redis-cache';
import { CacheApps, TIERS } from '../support/cache-apps.js';

const byId = (id: string) => id;
const tagsOf = (_id: string, tags: unknown) => tags as string[];

@Injectable()
class LeadService {
  ran = 0;

  @Cacheable('lead.byId', { key: byId, tags: tagsOf })
  async read(_id: string, _tags: unknown): Promise<number> {
    return ++this.ran;
  }

  @CachePut('lead.byId', { key: byId, tags: tagsOf })
  async put(_id: string, _tags: unknown): Promise<number> {
    return ++this.ran;
  }

  @CachePut('lead.byId', { resultKey: (_ran: number, id: string) => id, tags: tagsOf })
  async putByResult(_id: string, _tags: unknown): Promise<number> {
    return ++this.ran;
  }

  @CacheEvict({ tags: tagsOf, scope: 'global' })
  async evict(_id: string, _tags: unknown): Promise<number> {
    return ++this.ran;
  }
}

describe.each(TIERS)('tags of the arguments that are none, in %s', (tier) => {
  const apps = new CacheApps();

  async function boot() {
    const app = await apps.boot({
      tier,
      providers: [LeadService],
      cache: { defaults: { scope: 'global' } },
    });
    const failures: unknown[] = [];
    app.caches.on('farError', (event) => failures.push(event));
    return { app, leads: app.get(LeadService), failures };
  }

  const CALLS = (['read', 'put', 'putByResult', 'evict'] as const).flatMap((method) =>
    [[''], [null], [7], 'text'].map((tags) => [method, tags] as const),
  );

  it.each(CALLS)('are refused before anything is begun: %s with %j', async (method, tags) => {
    const { leads, failures } = await boot();
    await expect(leads[method]('1', tags)).rejects.toThrow(InvalidCacheKeyError);
    expect({ ran: leads.ran, failures }).toEqual({ ran: 0, failures: [] });
  });

  it('are named by the error', async () => {
    const { leads } = await boot();
    await expect(leads.read('1', [''])).rejects.toThrow(
      'Cannot make a cache key: tag is empty. Give a tag that is a string with something in it.',
    );
    await expect(leads.read('1', 'text')).rejects.toThrow(
      'Cannot make a cache key: tags is of type string. Give a list of strings.',
    );
  });

  it.each([undefined, null])(
    'are not meant by %p, which says that there are none',
    async (tags) => {
      const { leads } = await boot();
      expect([await leads.read('1', tags), await leads.read('1', tags)]).toEqual([1, 1]);
      expect([await leads.put('1', tags), await leads.read('1', tags)]).toEqual([2, 2]);
    },
  );

  it('are refused where they are to be evicted, as that would evict nothing', async () => {
    const { leads } = await boot();
    await expect(leads.evict('1', undefined)).rejects.toThrow(InvalidCacheKeyError);
    expect(leads.ran).toBe(0);
  });

  it('keep nobody waiting who asks for the entry with others', async () => {
    const { app, leads } = await boot();
    await leads.read('2', []);
    await expect(leads.read('1', [''])).rejects.toThrow(InvalidCacheKeyError);
    expect(await leads.read('1', ['spring'])).toBe(2);
    expect(app.counters('lead.byId').waited).toBe(0);
  });

  it('are refused by wrap and set as well, which leave the entry as it is', async () => {
    const { app, failures } = await boot();
    const cache = app.caches.cache('lead');
    await cache.set('1', 'old');
    await expect(cache.wrap('2', () => 'unused', { tags: [''] })).rejects.toThrow('tag is empty');
    await expect(cache.set('1', 'new', { tags: [''] })).rejects.toThrow('tag is empty');
    // Of a text each character would be a tag.
    const tags = 'text' as unknown as string[];
    await expect(cache.wrap('2', () => 'unused', { tags })).rejects.toThrow('of type string');
    await expect(cache.set('1', 'new', { tags })).rejects.toThrow('of type string');
    expect(await cache.get('1')).toBe('old');
    expect(await cache.wrap('2', () => 'loaded')).toBe('loaded');
    expect(failures).toEqual([]);
    expect(app.counters('lead').waited).toBe(0);
  });
});
