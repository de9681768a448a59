import { Injectable } from '@nestjs/common';
import { Cacheable, CacheEvict, CachePut } from 'nestjs-redis-cache';
import { CacheApps, TIERS } from '../support/cache-apps.js';

interface Lead {
  name: string;
  /** As they come of a column that may be empty, or of code that no compiler has seen. */
  tags: unknown;
}

const byId = (id: string) => id;
const tagsOf = ({ tags }: Lead) => tags as string[];

@Injectable()
class LeadService {
  row: Lead = { name: 'old', tags: ['spring'] };

  @Cacheable('lead.byId', { key: byId, resultTags: tagsOf })
  async read(_id: string, _row?: Lead): Promise<Lead> {
    return this.row;
  }

  @CachePut('lead.byId', { key: byId, resultTags: tagsOf })
  async put(_id: string, row: Lead): Promise<Lead> {
    return (this.row = row);
  }

  @CachePut('lead.byId', { resultKey: (_lead: Lead, id: string) => id, resultTags: tagsOf })
  async putByResult(_id: string, row: Lead): Promise<Lead> {
    return (this.row = row);
  }

  @CacheEvict({ tags: ['spring'], resultTags: tagsOf, scope: 'global' })
  async change(_id: string, row: Lead): Promise<Lead> {
    return (this.row = row);
  }
}

const NO_TAGS: readonly unknown[] = [[''], [null], [7], ['summer', ''], 'text', 7];
const WRITES = ['put', 'putByResult', 'change'] as const;

describe.each(TIERS)('a tag of the result that is none, in %s', (tier) => {
  const apps = new CacheApps();

  async function boot() {
    const app = await apps.boot({
      tier,
      providers: [LeadService],
      cache: { defaults: { scope: 'global' } },
    });
    const heard: string[] = [];
    app.caches.on('policyError', ({ error }) => heard.push(`policyError ${String(error)}`));
    app.caches.on('farError', ({ operation }) => heard.push(`farError ${operation}`));
    return { leads: app.get(LeadService), heard };
  }

  it.each(
    (['read', ...WRITES] as const).flatMap((method) =>
      NO_TAGS.map((tags) => [method, tags] as const),
    ),
  )('does not keep %s from being answered, and is told: %j', async (method, tags) => {
    const { leads, heard } = await boot();
    leads.row = { name: 'new', tags };
    expect(await leads[method]('1', leads.row)).toEqual({ name: 'new', tags });
    expect(heard).toEqual([
      expect.stringMatching(
        /^policyError InvalidCacheKeyError: Cannot make a cache key: tags? is /,
      ),
    ]);
  });

  it('keeps the result from being stored', async () => {
    const { leads } = await boot();
    leads.row = { name: 'first', tags: [''] };
    await leads.read('1');
    leads.row = { name: 'second', tags: [] };
    expect((await leads.read('1')).name).toBe('second');
  });

  it.each(WRITES)('leaves nothing of what %s was to replace or evict', async (method) => {
    const { leads } = await boot();
    await leads.read('1');
    await leads[method]('1', { name: 'new', tags: [''] });
    expect((await leads.read('1')).name).toBe('new');
  });

  it.each([undefined, null])('is not meant by %p, which says that there are none', async (tags) => {
    const { leads, heard } = await boot();
    leads.row = { name: 'first', tags };
    await leads.read('1');
    leads.row = { name: 'second', tags };
    expect((await leads.read('1')).name).toBe('first');
    await leads.put('1', { name: 'third', tags });
    expect((await leads.read('1')).name).toBe('third');
    await leads.change('1', { name: 'fourth', tags });
    expect(heard).toEqual([]);
  });
});
