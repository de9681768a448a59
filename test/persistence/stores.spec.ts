import type { Pool, PoolClient } from 'pg';
import { PostgresStore } from 'nestjs-redis-cache/persistence';
import { postgresStatements } from '../../libs/redis-cache/src/persistence/postgres.statements.js';
import { FakeClock } from '../support/fake-clock.js';
import { MemoryPersistentStore } from '../support/memory-persistent.store.js';
import {
  Names,
  persistentStoreContract,
} from '../support/persistent-store/persistent-store.contract.js';
import { postgresStoreContract } from '../support/persistent-store/postgres-store.contract.js';
import { postgresPrograms, PostgresServer } from '../support/postgres/postgres-server.js';
import { EmptyDatabase } from '../support/postgres/prepared-database.js';

const programs = postgresPrograms();
const describeWithServer = programs === undefined ? describe.skip : describe;

function write(names: Names, point: string) {
  return { key: names.key, names: names.all, bytes: Buffer.from('v'), ttlMs: 60_000, point };
}

describe('the persistent store in memory', () => {
  const clock = new FakeClock();
  const store = new MemoryPersistentStore(clock);

  persistentStoreContract(
    () => store,
    (ms) => clock.advance(ms),
  );
});

describe('PostgresStore on PGlite', () => {
  let database: EmptyDatabase;
  let store: PostgresStore;

  beforeAll(async () => {
    database = await EmptyDatabase.open();
    store = new PostgresStore({ client: database.client });
    await store.open();
  });
  afterAll(() => database.close());

  persistentStoreContract(() => store);
  postgresStoreContract(() => database.client);
});

describeWithServer('PostgresStore on a server, by pg', () => {
  let server: PostgresServer;
  let pool: Pool;
  let store: PostgresStore;

  beforeAll(async () => {
    server = await PostgresServer.start(programs ?? '');
    pool = server.pool(20);
    store = new PostgresStore({ client: pool });
    await store.open();
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  persistentStoreContract(() => store);
  postgresStoreContract(() => pool);

  describe('with statements of several connections that overlap', () => {
    let client: PoolClient;
    /** Its statements are in a transaction that the test ends. */
    let open: PostgresStore;

    beforeEach(async () => {
      client = await pool.connect();
      open = new PostgresStore({ client });
      await client.query('BEGIN');
    });
    afterEach(async () => {
      await client.query('ROLLBACK');
      client.release();
    });

    it.each(['key', 'stamp'] as const)(
      'never gives what is committed behind an invalidation of its %s',
      async (by) => {
        const names = new Names();
        const { point } = await store.look(names.key);
        expect(await open.put(write(names, point))).toBe(true);
        await store.invalidate([names[by]]);
        await client.query('COMMIT');
        expect((await store.look(names.key)).entry).toBeUndefined();
      },
    );

    it.each(['key', 'stamp'] as const)(
      'never gives what is put before an invalidation of its %s is committed',
      async (by) => {
        const names = new Names();
        const { point } = await store.look(names.key);
        await open.invalidate([names[by]]);
        await store.put(write(names, point));
        await client.query('COMMIT');
        expect((await store.look(names.key)).entry).toBeUndefined();
      },
    );

    it('has the later of two invalidations count, whichever is committed first', async () => {
      const names = new Names();
      await open.invalidate([names.stamp]);
      const between = await store.look(names.key);
      const later = store.invalidate([names.stamp]);
      await client.query('COMMIT');
      await later;
      expect(await store.put(write(names, between.point))).toBe(false);
    });
  });

  it('makes its tables once, however many processes start together', async () => {
    const stores = Array.from(
      { length: 10 },
      () => new PostgresStore({ client: pool, table: 'together' }),
    );
    await Promise.all(stores.map((each) => each.open()));
    const { rows } = await pool.query('SELECT version FROM together_meta');
    expect(rows).toEqual([{ version: 1 }]);
  });

  it('needs no right to make tables where they are there', async () => {
    await pool.query('CREATE ROLE plain LOGIN');
    const tables = ['entries', 'marks', 'meta'].map((kind) => `redis_cache_${kind}`).join(', ');
    await pool.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${tables} TO plain`);
    await pool.query('GRANT SELECT, USAGE ON SEQUENCE redis_cache_points TO plain');
    const client = await pool.connect();
    try {
      await client.query('SET ROLE plain');
      const plain = new PostgresStore({ client });
      await plain.open();
      const names = new Names();
      const { point } = await plain.look(names.key);
      expect(await plain.put(write(names, point))).toBe(true);
      await plain.invalidate([names.key]);
      await plain.sweep();
      await plain.erase({ prefix: names.tenant, point });
    } finally {
      await client.query('RESET ROLE');
      client.release();
    }
  });

  it('finds each name by an index, however many rows there are', async () => {
    const large = new PostgresStore({ client: pool, table: 'large' });
    await large.open();
    await pool.query(
      `INSERT INTO large_entries SELECT 'k' || i, ARRAY['k' || i, 's'], 'x', 0, now() + interval '1 h'
       FROM generate_series(1, 20000) i`,
    );
    await pool.query(
      `INSERT INTO large_marks SELECT 'n' || i, i, now() FROM generate_series(1, 20000) i`,
    );
    await pool.query('ANALYZE large_entries, large_marks');
    const { rows } = await pool.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN ${postgresStatements('large').look.replaceAll('$1', `'k77'`)}`,
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).not.toContain('Seq Scan on large_entries');
    expect(plan).not.toContain('Seq Scan on large_marks');
    expect((await large.look('k77')).entry?.bytes).toEqual(Buffer.from('x'));
  });
});
