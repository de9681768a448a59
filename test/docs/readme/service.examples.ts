import { Logger, type DynamicModule, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CacheService, PurgeIncompleteError, TenantMissingError } from 'nestjs-redis-cache';
import { bootCacheApp } from '../../integration/support/cache-app.js';
import { CacheApps, ownPrefix } from '../../support/cache-apps.js';
import { entriesInRedis } from '../entries-in-redis.js';
import type { Guide } from '../guide.js';

interface Summaries {
  readonly SummaryService: Type<{
    summaryOf(conversation: string): Promise<{ text: string }>;
    forget(tenant: string, conversation: string): Promise<void>;
    forgetAll(tenant: string): Promise<void>;
  }>;
}

interface AfterCommit {
  readonly cache: DynamicModule;
  inTransaction<T>(
    begin: (work: () => Promise<T>) => Promise<T>,
    work: () => Promise<T>,
  ): Promise<T>;
}

interface ByPattern {
  forgetSearches(caches: CacheService, term: string): Promise<number>;
}

interface Erasing {
  readonly TenantErasure: Type<{ erase(tenant: string): Promise<void> }>;
}

/** A port that nobody listens on. */
const NO_REDIS = 'redis://127.0.0.1:1';

export function serviceExamples(guide: Guide): void {
  const summaries = guide.program<Summaries>('CacheService');
  const afterCommit = guide.program<AfterCommit>('After a commit');
  const byPattern = guide.program<ByPattern>('By pattern');
  const erasing = guide.program<Erasing>('Erasing a tenant');
  const apps = new CacheApps();

  it('CacheService: loads once what it wraps, and forgets it', async () => {
    const { SummaryService } = summaries.run();
    const prefix = ownPrefix();
    const app = await apps.boot({
      tier: 'redis',
      cache: { prefix, caches: { 'conversation.summary': {} } },
      providers: [SummaryService],
    });
    const service = app.get(SummaryService);
    const ask = () => app.caches.runWithTenant('acme', () => service.summaryOf('c1'));
    const fetched = jest
      .spyOn(globalThis, 'fetch')
      .mockImplementation(async () => Response.json({ text: 'long' }));

    expect(await Promise.all([ask(), ask()])).toEqual([{ text: 'long' }, { text: 'long' }]);
    const signal = expect.any(AbortSignal) as AbortSignal;
    expect(fetched.mock.calls).toEqual([['https://summaries.example.com/c1', { signal }]]);
    expect(await entriesInRedis(prefix)).toEqual(['{acme/conversation.summary@1/c1}']);
    await service.forget('globex', 'c1');
    await ask();
    expect(fetched).toHaveBeenCalledTimes(1);
    await service.forget('acme', 'c1');
    expect(await entriesInRedis(prefix)).toEqual([]);
    await ask();
    await service.forgetAll('acme');
    await ask();
    expect(fetched).toHaveBeenCalledTimes(3);
    await expect(service.summaryOf('c1')).rejects.toThrow(TenantMissingError);
    fetched.mockRestore();
  });

  it('after a commit: evicts then, and not after a rollback', async () => {
    const { cache, inTransaction } = afterCommit.run();
    const app = await (await Test.createTestingModule({ imports: [cache] }).compile()).init();
    const leads = app.get(CacheService).forTenant('acme').cache<string>('lead');
    const seen: unknown[] = [];
    /** A database that lets us look before it commits. */
    const commits = async (work: () => Promise<unknown>) => {
      await work();
      seen.push(await leads.get('7'));
    };
    const rollsBack = async (work: () => Promise<unknown>) => {
      await work();
      throw new Error('rolled back');
    };

    await leads.set('7', 'older');
    await expect(inTransaction(rollsBack, () => leads.del('7'))).rejects.toThrow('rolled back');
    seen.push(await leads.get('7'));
    await inTransaction(commits, () => leads.del('7'));
    seen.push(await leads.get('7'));
    await leads.set('7', 'older');
    await inTransaction(commits, () => leads.set('7', 'newer'));
    seen.push(await leads.get('7'));
    await leads.set('7', 'older');
    await inTransaction(commits, () => leads.atOnce().del('7'));

    const [waits, isGone] = ['older', undefined];
    expect(seen).toEqual(['older', waits, isGone, waits, isGone, isGone]);
    await app.close();
  });

  it('by pattern: takes text from elsewhere for what it is', async () => {
    const { forgetSearches } = byPattern.run();
    const { caches } = await apps.boot({ tier: 'redis' });
    const view = caches.forTenant('acme');
    const searches = view.cache<number>('lead.search');
    await searches.mset([
      ['50%*', 1],
      ['50%* of', 2],
      ['50% of', 3],
    ]);
    expect(await forgetSearches(view, '50%*')).toBe(2);
    expect(await searches.mget(['50%*', '50%* of', '50% of'])).toEqual([undefined, undefined, 3]);
  });

  it('erasing a tenant: leaves nothing of it, or says that it could not', async () => {
    const { TenantErasure } = erasing.run();
    const said = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    const prefix = ownPrefix();
    const app = await apps.boot({
      tier: 'redis',
      cache: { prefix },
      providers: [TenantErasure],
    });
    for (const tenant of ['acme', 'globex']) await app.caches.forTenant(tenant).set('k', tenant);
    await app.get(TenantErasure).erase('acme');
    expect(await entriesInRedis(prefix)).toEqual(['{globex/default@1/k}']);
    expect(said.mock.calls.flat()).toContainEqual(
      expect.stringMatching(/^[1-9]\d* keys of a tenant were erased$/),
    );
    said.mockRestore();

    const away = await bootCacheApp({ connection: { url: NO_REDIS } }, [TenantErasure]);
    await expect(away.get(TenantErasure).erase('acme')).rejects.toThrow(PurgeIncompleteError);
    await away.close();
  });
}
