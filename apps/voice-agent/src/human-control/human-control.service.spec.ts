import { Test, type TestingModule } from '@nestjs/testing';
import { drizzle } from 'drizzle-orm/pg-proxy';
import { runWithTenant } from 'nestjs-redis-cache';
import { cacheMatchers, RedisCacheTestingModule, TestCache } from 'nestjs-redis-cache/testing';
import { CACHE_POLICIES } from '../cache/cache-policies.js';
import { DATABASE } from '../database/database.js';
import { HumanControlService } from './human-control.service.js';

expect.extend(cacheMatchers);

const CACHE = 'humanControl.byConversation';
const ACME = 'acme-solar';
const BOREALIS = 'borealis-dental';
const TAKEN_AT = '2026-01-01 12:00:00+00';

describe('HumanControlService', () => {
  let module: TestingModule;
  let cache: TestCache;
  let control: HumanControlService;
  /** Rows by organization: conversation and who has taken it over. */
  let rows: Map<string, string>;

  beforeEach(async () => {
    rows = new Map();
    module = await Test.createTestingModule({
      imports: [
        RedisCacheTestingModule.forRoot({
          redis: true,
          caches: CACHE_POLICIES,
          persistence: false,
        }),
      ],
      providers: [
        HumanControlService,
        {
          provide: DATABASE,
          useValue: drizzle((sql, params) => Promise.resolve(answer(sql, params))),
        },
      ],
    }).compile();
    await module.init();
    cache = module.get(TestCache);
    control = module.get(HumanControlService);
  });

  afterEach(() => module.close());

  /** As PostgreSQL would, to the three statements of the service. */
  function answer(sql: string, params: unknown[]): { rows: unknown[] } {
    const [organization, conversation, takenBy] = params.map(String);
    const key = `${organization}/${conversation}`;
    if (sql.startsWith('insert')) rows.set(key, String(takenBy));
    if (sql.startsWith('delete')) rows.delete(key);
    const found = rows.get(key);
    return { rows: found === undefined ? [] : [[found, TAKEN_AT]] };
  }

  const inAcme = <T>(work: () => Promise<T>): Promise<T> => runWithTenant(ACME, work);
  const current = (organization = ACME) =>
    runWithTenant(organization, () => control.current('conv_1'));

  it('asks the database once in five minutes, although nobody has taken over', async () => {
    expect(await current()).toBeNull();
    await cache.advance('4m');
    expect(await current()).toBeNull();
    expect(cache).toHaveLoadedTimes(1, CACHE, 'conv_1', { tenant: ACME });
    await cache.advance('1m');
    await current();
    expect(cache).toHaveLoadedTimes(2, CACHE, 'conv_1', { tenant: ACME });
  });

  it('knows at once that a human has taken over, and has let go', async () => {
    await current();
    await inAcme(() => control.takeOver('conv_1', 'Ada'));
    expect(cache).toHaveEvicted(CACHE, 'conv_1', { tenant: ACME });
    expect(cache).not.toHaveCached(CACHE, 'conv_1', { tenant: ACME });
    expect(await current()).toMatchObject({ takenBy: 'Ada' });
    await inAcme(() => control.release('conv_1'));
    expect(await current()).toBeNull();
  });

  it('tells conversations of the same id apart by organization', async () => {
    await inAcme(() => control.takeOver('conv_1', 'Ada'));
    expect([await current(), await current(BOREALIS)]).toEqual([
      { takenBy: 'Ada', takenAt: new Date(TAKEN_AT) },
      null,
    ]);
    expect(cache).toHaveCached(CACHE, 'conv_1', { tenant: ACME });
    expect(cache).toHaveCached(CACHE, 'conv_1', { tenant: BOREALIS });
  });

  it('does not miss that a human has taken over while Redis was away', async () => {
    await current();
    cache.redis?.down();
    await inAcme(() => control.takeOver('conv_1', 'Ada'));
    expect(await current()).toMatchObject({ takenBy: 'Ada' });
    cache.redis?.up();
    await cache.advance('2s');
    expect(await current()).toMatchObject({ takenBy: 'Ada' });
  });
});
