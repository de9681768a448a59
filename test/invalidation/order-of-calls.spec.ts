import type { CacheService, RedisCacheModuleOptions } from 'nestjs-redis-cache';
import { CacheApps, ownPrefix, type CacheApp, type Tier } from '../support/cache-apps.js';

jest.setTimeout(60_000);

/** One set, or one eviction. */
type Turn = 'set' | 'evict';

const TAG = 'board';

const EVICTIONS: Record<string, (caches: CacheService) => Promise<unknown>> = {
  key: (caches) => caches.cache('lead').del('k'),
  tag: (caches) => caches.evictTags([TAG]),
  cache: (caches) => caches.cache('lead').flush(),
  tenant: (caches) => caches.evictTenant(),
  pattern: (caches) => caches.evictPattern('lead/*'),
};

const SEQUENCES: readonly Turn[][] = [2, 3]
  .flatMap((length) => sequencesOf(length))
  .filter((turns) => turns.includes('set'));

/** Every sequence of so many turns. */
function sequencesOf(length: number): Turn[][] {
  if (length === 0) return [[]];
  const shorter = sequencesOf(length - 1);
  return (['set', 'evict'] as const).flatMap((turn) => shorter.map((rest) => [turn, ...rest]));
}

const SETTINGS: [string, Tier, Omit<RedisCacheModuleOptions, 'connection'>][] = [
  ['in one process', 'memory', {}],
  ['with Redis', 'redis', {}],
  ['with Redis and no near tier', 'redis', { near: false }],
  ['with Redis, in step by tracking', 'redis', { coherence: 'tracking' }],
  ['with Redis, in step by nothing but time', 'redis', { coherence: 'ttl' }],
];

describe('calls for one entry that are not waited for', () => {
  const apps = new CacheApps();
  let tenants = 0;

  it.each(SETTINGS)(
    'end as if each had waited for the one before: %s',
    async (_name, tier, cache) => {
      const prefix = ownPrefix();
      const boot = () => apps.boot({ tier, cache: { prefix, ...cache } });
      const app = await boot();
      const witness = tier === 'redis' ? await boot() : app;
      const amiss: string[] = [];
      for (const [name, evict] of Object.entries(EVICTIONS)) {
        for (const turns of SEQUENCES) {
          for (const before of ['nothing', 'an entry', 'an entry without tags']) {
            const expected = await endOf(app, turns, evict, before);
            const there = [await lookUp(app), await lookUp(witness)];
            // A walk takes what is stored while it is under way, too.
            const isTaken = name === 'pattern' && tier === 'redis' && turns.includes('evict');
            if (there.every((value) => value === expected || (isTaken && value === undefined)))
              continue;
            amiss.push(
              `${turns.join()} by ${name}, after ${before}: ${there.join()}, not ${expected}`,
            );
          }
        }
      }
      expect(amiss).toEqual([]);
    },
  );

  /** Takes all turns at one go, for a tenant of its own. @returns the value that is to be there then */
  async function endOf(
    { caches }: CacheApp,
    turns: readonly Turn[],
    evict: (caches: CacheService) => Promise<unknown>,
    before: string,
  ): Promise<string | undefined> {
    tenants += 1;
    const own = caches.forTenant(String(tenants));
    const lead = own.cache('lead');
    if (before !== 'nothing') {
      await lead.set('k', 'earlier', before === 'an entry' ? { tags: [TAG] } : {});
    }
    let expected: string | undefined;
    const underWay = turns.map((turn, i) => {
      expected = turn === 'set' ? `value ${i}` : undefined;
      return turn === 'set' ? lead.set('k', `value ${i}`, { tags: [TAG] }) : evict(own);
    });
    await Promise.all(underWay);
    return expected;
  }

  function lookUp({ caches }: CacheApp): Promise<unknown> {
    return caches.forTenant(String(tenants)).cache('lead').get('k');
  }
});
