import { Injectable, type DynamicModule } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type Keyv from 'keyv';
import { Cacheable, CacheService, RedisCacheModule, runWithTenant } from 'nestjs-redis-cache';
import type { PersistentStore } from 'nestjs-redis-cache/persistence';
import type { Pool } from 'pg';
import { inMode } from '../integration/support/cache-app.js';
import { eventually } from '../integration/support/eventually.js';
import { postgresPrograms, PostgresServer } from '../support/postgres/postgres-server.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { describeGuide } from './guide.js';
import { waitLongerByDefault } from './patient-defaults.js';

interface OnPostgres {
  readonly pool: Pool;
  readonly cache: DynamicModule;
}

interface OnKeyv {
  readonly keyv: Keyv;
  readonly persistence: { readonly store: PersistentStore };
}

const START_TIMEOUT_MS = 60_000;
const DAY_MS = 86_400_000;

const programs = hasRedisBinary() ? postgresPrograms() : undefined;
const itWithServers = programs === undefined ? it.skip : it;
const itWithRedis = hasRedisBinary() ? it : it.skip;

/** How often each was loaded, by all processes of a test. */
const loads = { summary: 0, lead: 0 };

/** What ends what a test has begun, the last first. */
const endings: (() => Promise<unknown>)[] = [];

@Injectable()
class Conversations {
  @Cacheable('conversation.summary')
  async summary(id: string): Promise<string> {
    loads.summary += 1;
    return `summary of ${id}`;
  }

  @Cacheable('lead.byPhone')
  async lead(phone: string): Promise<string> {
    loads.lead += 1;
    return `lead of ${phone}`;
  }
}

/** A process of an application, with nothing in its memory yet. */
async function start(cache: DynamicModule) {
  const testing = Test.createTestingModule({ imports: [cache], providers: [Conversations] });
  const app = await (await testing.compile()).init();
  endings.push(() => app.close());
  const caches = app.get(CacheService);
  const conversations = app.get(Conversations);
  await eventually('the store is in use', () => caches.getStats().persistence?.available);
  const read = () =>
    runWithTenant('acme', () =>
      Promise.all([conversations.summary('1'), conversations.lead('+1')]),
    );
  return { app, caches, read };
}

async function startRedis(): Promise<RedisServerProcess> {
  const redis = await RedisServerProcess.start();
  endings.push(() => redis.stop());
  return redis;
}

describeGuide('docs/persistence.md', (guide) => {
  const onPostgres = guide.program<OnPostgres>('A persistent store');
  const onKeyv = guide.program<OnKeyv>('KeyvStore');
  const answers = ['summary of 1', 'lead of +1'];

  beforeAll(waitLongerByDefault);

  beforeEach(() => {
    Object.assign(loads, { summary: 0, lead: 0 });
  });

  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  itWithServers(
    'loads once what persists, though Redis comes back empty or is away; not so what does not',
    async () => {
      const postgres = await PostgresServer.start(programs ?? '');
      endings.push(() => postgres.stop());
      const redis = await startRedis();
      process.env.DATABASE_URL = postgres.url;
      process.env.REDIS_URL = redis.url;
      const { pool, cache } = onPostgres.run();
      // It is given to the store, which does not close it.
      endings.push(() => pool.end());
      const rows = async () => {
        const leftMs =
          'extract(epoch FROM expires_at - clock_timestamp())::float * 1000 AS "leftMs"';
        const query = `SELECT key, ${leftMs} FROM redis_cache_entries`;
        return (await pool.query<{ key: string; leftMs: number }>(query)).rows;
      };

      const first = await start(cache);
      await inMode(first.caches, 'redis');
      expect(await first.read()).toEqual(answers);
      expect(loads).toEqual({ summary: 1, lead: 1 });
      const row = await eventually('the store has it', async () => (await rows())[0]);
      expect(row.key).toBe('cache:{acme/conversation.summary@1/1}');
      expect(row.leftMs).toBeGreaterThan(6.9 * DAY_MS);
      expect(row.leftMs).toBeLessThanOrEqual(7 * DAY_MS);
      await first.app.close();

      await redis.restart();
      const afterwards = await start(cache);
      await inMode(afterwards.caches, 'redis');
      expect(await afterwards.read()).toEqual(answers);
      expect(loads).toEqual({ summary: 1, lead: 2 });
      expect(await rows()).toHaveLength(1);
      await afterwards.app.close();

      await redis.stop();
      const without = await start(cache);
      expect(await without.read()).toEqual(answers);
      expect(loads).toEqual({ summary: 1, lead: 3 });
      await without.caches.forTenant('acme').cache('conversation.summary').del('1');
      expect(await rows()).toEqual([]);
      expect(await without.read()).toEqual(answers);
      expect(loads.summary).toBe(2);
    },
    START_TIMEOUT_MS,
  );

  itWithRedis('keeps what persists in another Redis, by Keyv', async () => {
    const [redis, another] = [await startRedis(), await startRedis()];
    process.env.ANOTHER_REDIS_URL = another.url;
    const { keyv, persistence } = onKeyv.run();
    endings.push(() => keyv.disconnect());
    const cache = RedisCacheModule.forRoot({
      connection: { url: redis.url },
      persistence,
      caches: { 'conversation.summary': { persist: true } },
    });

    const first = await start(cache);
    await inMode(first.caches, 'redis');
    expect(await first.read()).toEqual(answers);
    await eventually('the store has it', () => first.caches.getStats().total.persistentFills > 0);
    await first.app.close();
    await redis.restart();

    const second = await start(cache);
    await inMode(second.caches, 'redis');
    expect(await second.read()).toEqual(answers);
    expect(loads).toEqual({ summary: 1, lead: 2 });
  });
});
