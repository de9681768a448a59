import type { INestApplicationContext } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import {
  CacheService,
  Cacheable,
  CacheEvict,
  runWithTenant,
  type CacheEvents,
} from 'nestjs-redis-cache';
import {
  KeyvStore,
  PostgresStore,
  type PersistentStore,
  type PostgresClient,
} from 'nestjs-redis-cache/persistence';
import { readRecord } from '../../libs/redis-cache/src/persistence/keyv.records.js';
import { bootCacheApp, inMode } from '../integration/support/cache-app.js';
import { eventually } from '../integration/support/eventually.js';
import { RawRedis } from '../integration/support/raw-redis.js';
import { MemoryKeyv } from '../support/memory-keyv.js';
import { postgresPrograms, PostgresServer } from '../support/postgres/postgres-server.js';
import { EmptyDatabase } from '../support/postgres/prepared-database.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';

const describeWithServer = hasRedisBinary() ? describe : describe.skip;
const PREFIX = 'crm';
const TENANT = 'acme';

/** What the database knows, for all processes of a test. */
const source = { text: 'old' };

@Injectable()
class Summaries {
  loads = 0;

  @Cacheable('summary', { key: (id: string) => id, tags: (id: string) => [`lead:${id}`] })
  of(_id: string): Promise<string> {
    this.loads += 1;
    return Promise.resolve(source.text);
  }

  @CacheEvict('summary', { key: (id: string) => id })
  change(_id: string, text: string): Promise<void> {
    source.text = text;
    return Promise.resolve();
  }
}

/** The connection of one process to the database, which the test may cut or have hang. */
class Link {
  fault: 'none' | 'cut' | 'hangs' = 'none';

  over<T>(send: () => Promise<T>): Promise<T> {
    if (this.fault === 'cut') return Promise.reject(new Error('connection terminated'));
    if (this.fault === 'hangs') return new Promise(() => undefined);
    return send();
  }
}

/** What all processes of a test share. */
interface Database {
  storeBy(link: Link): PersistentStore;
  /** Of entries. */
  keys(): Promise<string[]>;
  /** Of invalidations that are remembered. */
  marks(): Promise<string[]>;
  clear(): Promise<unknown>;
}

function postgres(client: PostgresClient): Database {
  const column = async (query: string) => {
    const { rows } = await client.query(query);
    return (rows as { name: string }[]).map(({ name }) => name);
  };
  return {
    storeBy(link) {
      const query: PostgresClient['query'] = (...args) => link.over(() => client.query(...args));
      return new PostgresStore({ client: { query }, sweepInterval: '1h' });
    },
    keys: () => column('SELECT key AS name FROM redis_cache_entries'),
    marks: () => column('SELECT name FROM redis_cache_marks'),
    clear: () => client.query('TRUNCATE redis_cache_entries, redis_cache_marks'),
  };
}

function keyv(): Database {
  const data = new MemoryKeyv();
  const names = (kind: 'entry' | 'mark') =>
    [...data.data.values()].flatMap((text) => {
      const record = readRecord(text, Date.now());
      if (record?.kind !== kind) return [];
      return record.kind === 'entry' ? record.key : record.name;
    });
  return {
    storeBy: (link) =>
      new KeyvStore({
        keyv: {
          get: (key) => link.over(() => data.get(key)),
          set: (key, value) => link.over(() => data.set(key, value)),
          delete: (key) => link.over(() => data.delete(key)),
          iterator: () => data.iterator(),
        },
      }),
    keys: () => Promise.resolve(names('entry')),
    marks: () => Promise.resolve(names('mark')),
    clear() {
      data.data.clear();
      return Promise.resolve();
    },
  };
}

/** One process of the application. */
class Process {
  readonly events: CacheEvents['evict'][] = [];
  readonly caches: CacheService;
  readonly summaries: Summaries;

  private constructor(
    readonly app: INestApplicationContext,
    readonly link: Link,
  ) {
    this.caches = app.get(CacheService);
    this.summaries = app.get(Summaries);
    this.caches.on('evict', (event) => this.events.push(event));
  }

  static async boot(url: string, database: Database): Promise<Process> {
    const link = new Link();
    const store = database.storeBy(link);
    const app = await bootCacheApp(
      {
        connection: { url },
        prefix: PREFIX,
        caches: { summary: { ttl: '1h', persist: true } },
        persistence: { store, timeout: '2s' },
        timeouts: { command: '2s' },
      },
      [Summaries],
    );
    const process = new Process(app, link);
    await Promise.all([inMode(process.caches, 'redis'), process.hasStore()]);
    return process;
  }

  hasStore(available = true): Promise<boolean> {
    return eventually('the store is as expected', () => {
      return this.caches.getStats().persistence?.available === available;
    });
  }

  read(id = '1', tenant = TENANT): Promise<string> {
    return runWithTenant(tenant, () => this.summaries.of(id));
  }

  change(text: string, id = '1'): Promise<void> {
    return runWithTenant(TENANT, () => this.summaries.change(id, text));
  }

  get hits(): number {
    return this.caches.getStats().caches.summary?.persistentHits ?? 0;
  }
}

/** A process in this process has its own memory as all have: only the near tier could mislead. */
function outagesOn(database: () => Database): void {
  let server: RedisServerProcess;
  let redis: RawRedis;
  let processes: Process[] = [];
  let a: Process;
  let b: Process;

  beforeAll(async () => {
    server = await RedisServerProcess.start();
  });
  afterAll(() => server.stop());

  beforeEach(async () => {
    source.text = 'old';
    if (!server.isRunning) await server.restart();
    redis = new RawRedis(server.url, PREFIX);
    redis.client.on('error', () => undefined);
    await redis.client.flushall();
    processes = await Promise.all([boot(), boot()]);
    [a, b] = processes as [Process, Process];
    await database().clear();
  });
  afterEach(async () => {
    for (const { link } of processes) link.fault = 'none';
    await Promise.all(processes.map(({ app }) => app.close()));
    redis.client.disconnect();
  });

  const boot = () => Process.boot(server.url, database());

  const rows = () => database().keys();

  const key = () => redis.entryKey(TENANT, '1', 'summary');
  const inRedis = async () => (await redis.client.exists(key())) === 1;

  /** Loaded once, and kept by the store. */
  async function warm(): Promise<void> {
    expect(await a.read()).toBe('old');
    await eventually('the store has it', async () => (await rows()).length === 1);
    expect(await rows()).toEqual([key()]);
  }

  /** A Redis that has lost everything, and processes that know that it is back. */
  async function restartEmpty(): Promise<void> {
    await server.restart();
    await Promise.all(processes.map(({ caches }) => inMode(caches, 'redis')));
  }

  async function killRedis(): Promise<void> {
    const away = processes.map(({ caches }) => inMode(caches, 'fallback'));
    await server.kill();
    await Promise.all(away);
  }

  it('answers after a cold start of Redis without a load, and fills Redis again', async () => {
    await warm();
    await killRedis();
    await restartEmpty();
    expect(await inRedis()).toBe(false);
    expect(await Promise.all([a.read(), b.read(), a.read(), b.read()])).toEqual(
      Array.from({ length: 4 }, () => 'old'),
    );
    expect(await inRedis()).toBe(true);
    expect([a.summaries.loads, b.summaries.loads, a.hits + b.hits]).toEqual([1, 0, 1]);
  });

  it('answers in an outage of Redis, one look for all who ask in a process', async () => {
    await warm();
    await killRedis();
    expect(await Promise.all([b.read(), b.read(), b.read()])).toEqual(['old', 'old', 'old']);
    expect([b.summaries.loads, b.hits]).toEqual([0, 1]);
    expect(await b.read('2')).toBe('old');
    expect(b.summaries.loads).toBe(1);
    expect(await b.read('1', 'globex')).toBe('old');
    expect(b.summaries.loads).toBe(2);
  });

  it('answers from the method with both away', async () => {
    await warm();
    await killRedis();
    b.link.fault = 'cut';
    expect(await b.read()).toBe('old');
    expect(b.summaries.loads).toBe(1);
  });

  it('an evict with Redis up: neither tier has it, in Redis and in an empty one', async () => {
    await warm();
    await a.change('new');
    expect(await rows()).toEqual([]);
    expect(await inRedis()).toBe(false);
    expect(a.events).toEqual([expect.objectContaining({ acknowledged: true })]);
    expect(await b.read()).toBe('new');
    await eventually('the store has it', async () => (await rows()).length === 1);
    await redis.client.flushall();
    expect(await (await again()).read()).toBe('new');
  });

  it('an evict with Redis away: no process takes it from the store, then or later', async () => {
    await warm();
    await killRedis();
    await a.change('new');
    expect(await rows()).toEqual([]);
    expect(await b.read()).toBe('new');
    expect(await a.read()).toBe('new');
    await restartEmpty();
    expect(await a.read()).toBe('new');
    expect(await b.read()).toBe('new');
  });

  it.each(['cut', 'hangs'] as const)(
    'an evict whose process finds the store away (%s): nobody takes it from there',
    async (fault) => {
      await warm();
      a.link.fault = fault;
      await a.change('new');
      expect(a.events).toEqual([expect.objectContaining({ acknowledged: false })]);
      expect(await rows()).toEqual([key()]);
      expect(await inRedis()).toBe(false);
      expect(await redis.client.get('crm:{}:owed')).toContain(key());
      expect(await b.read()).toBe('new');
      expect(await a.read()).toBe('new');
      expect(b.hits + a.hits).toBe(0);
      // The process that has the store made it take the eviction.
      await eventually('nothing is owed', async () => !(await redis.client.exists('crm:{}:owed')));
      expect(await rows()).toEqual([]);
      a.link.fault = 'none';
      await a.hasStore();
      expect(a.caches.getStats().persistence).toMatchObject({
        available: true,
        unacknowledged: 0,
      });
    },
  );

  it('an evict with both away, Redis first back: nobody fills Redis from the store', async () => {
    await warm();
    await killRedis();
    a.link.fault = 'cut';
    await a.change('new');
    expect(await a.read()).toBe('new');
    expect(await rows()).toEqual([key()]);
    await server.restart();
    await inMode(a.caches, 'redis');
    expect(await redis.client.get('crm:{}:owed')).toContain(key());
    await inMode(b.caches, 'redis');
    expect(await b.read()).toBe('new');
    expect(await a.read()).toBe('new');
    expect(b.hits).toBe(0);
    await eventually('nothing is owed', async () => !(await redis.client.exists('crm:{}:owed')));
    expect(await rows()).not.toContain(key());
  });

  it('an evict with both away, the store first back: it is told before it is read', async () => {
    await warm();
    await killRedis();
    a.link.fault = 'cut';
    await a.change('new');
    a.link.fault = 'none';
    await a.hasStore();
    expect(await rows()).toEqual([]);
    expect(await a.read()).toBe('new');
    expect(await b.read()).toBe('new');
  });

  it.each<[string, (caches: CacheService) => Promise<unknown>]>([
    ['tag', (caches) => caches.evictTags(['lead:1'])],
    ['cache', (caches) => caches.cache('summary').flush()],
    ['pattern', (caches) => caches.evictPattern('summ*')],
    ['tenant', (caches) => caches.evictTenant()],
  ])('an evict by %s: an empty Redis is not filled with what was under it', async (_by, evict) => {
    await warm();
    source.text = 'new';
    await evict(b.caches.forTenant(TENANT));
    await redis.client.flushall();
    const cold = await again();
    expect(await cold.read()).toBe('new');
    expect(cold.hits).toBe(0);
  });

  it('erases a tenant from the database as well', async () => {
    await warm();
    await a.read('1', 'globex');
    await eventually('the store has both', async () => (await rows()).length === 2);
    await a.caches.forTenant(TENANT).purgeTenant();
    expect(await rows()).toEqual([redis.entryKey('globex', '1', 'summary')]);
    expect((await database().marks()).join(' ')).not.toContain('{acme/');
    a.link.fault = 'cut';
    await expect(a.caches.forTenant('globex').purgeTenant()).rejects.toThrow(
      'the persistent store is away',
    );
  });

  it('explains what the store has', async () => {
    await warm();
    await redis.client.flushall();
    const explanation = () => a.caches.forTenant(TENANT).explain('summary', '1');
    expect(await explanation()).toMatchObject({
      outlook: { kind: 'hit', tier: 'near' },
      persistent: { kind: 'entry', bytes: expect.any(Number) as number },
    });
    const cold = await again();
    const seen = await cold.caches.forTenant(TENANT).explain('summary', '1');
    expect(seen).toMatchObject({
      outlook: { kind: 'hit', tier: 'persistent', refreshes: false },
      far: { kind: 'absent' },
    });
    a.link.fault = 'cut';
    expect((await explanation()).persistent).toEqual({ kind: 'away' });
  });

  /** Another process, which has nothing in its memory. */
  async function again(): Promise<Process> {
    const process = await boot();
    processes.push(process);
    return process;
  }
}

describeWithServer('a persistent store on PGlite, and Redis', () => {
  let database: EmptyDatabase;

  beforeAll(async () => {
    database = await EmptyDatabase.open();
  });
  afterAll(() => database.close());

  outagesOn(() => postgres(database.client));
});

describeWithServer('a persistent store on Keyv, and Redis', () => {
  const database = keyv();
  outagesOn(() => database);
});

const programs = postgresPrograms();
const describeWithBoth = programs === undefined ? describe.skip : describeWithServer;

describeWithBoth('a persistent store on a PostgreSQL server, and Redis', () => {
  let server: PostgresServer;
  let pool: ReturnType<PostgresServer['pool']>;

  beforeAll(async () => {
    server = await PostgresServer.start(programs ?? '');
    pool = server.pool();
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  outagesOn(() => postgres(pool));
});
