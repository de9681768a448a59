import { PostgresStore, type PostgresClient } from 'nestjs-redis-cache/persistence';
import { Names } from './persistent-store.contract.js';

let made = 0;

/** What a {@link PostgresStore} does to its tables. */
export function postgresStoreContract(client: () => PostgresClient): void {
  const rowsOf = async (text: string) => (await client().query(text)).rows;

  /** A store on tables of its own, with an entry. */
  async function ownStore(sweepInterval = 1) {
    const table = `own_${(made += 1)}`;
    const store = new PostgresStore({ client: client(), table, sweepInterval });
    await store.open();
    const names = new Names();
    const put = async (ttlMs: number) => {
      const { point } = await store.look(names.key);
      return store.put({ key: names.key, names: names.all, bytes: Buffer.from('v'), ttlMs, point });
    };
    const age = (kind: 'entries' | 'marks', set: string) =>
      client().query(`UPDATE ${table}_${kind} SET ${set}`);
    const sweep = async () => {
      await client().query(`UPDATE ${table}_meta SET swept_at = 'epoch'`);
      await store.sweep();
    };
    const keys = () => rowsOf(`SELECT key FROM ${table}_entries`);
    const marks = () => rowsOf(`SELECT name FROM ${table}_marks`);
    return { table, store, names, put, age, sweep, keys, marks };
  }

  it('deletes what has expired, and nothing else', async () => {
    const { names, put, age, sweep, keys } = await ownStore();
    await put(60_000);
    await sweep();
    expect(await keys()).toEqual([{ key: names.key }]);
    await age('entries', `expires_at = now() - interval '1 second'`);
    await sweep();
    expect(await keys()).toEqual([]);
  });

  it('deletes more than one statement takes', async () => {
    const { table, sweep, keys } = await ownStore();
    await client().query(
      `INSERT INTO ${table}_entries
       SELECT 'k' || i, ARRAY['k'], 'x', 0, now() - interval '1 h' FROM generate_series(1, 2500) i`,
    );
    await sweep();
    expect(await keys()).toEqual([]);
  });

  it('takes what is put with the point of an invalidation, however long that took', async () => {
    const { store, names } = await ownStore();
    const others = Array.from({ length: 20_000 }, (_, i) => `another ${i}`);
    const point = await store.invalidate([...others, ...names.all]);
    const write = { key: names.key, names: names.all, bytes: Buffer.from('v'), ttlMs: 60_000 };
    expect(await store.put({ ...write, point })).toBe(true);
  });

  it('has a point for an invalidation of no names', async () => {
    const { store, names } = await ownStore();
    const { point } = await store.look(names.key);
    const [at, ms] = (await store.invalidate([])).split('@').map(Number);
    const [lastAt, lastMs] = point.split('@').map(Number);
    expect(at).toBe(lastAt! + 1);
    expect(ms).toBeGreaterThanOrEqual(lastMs!);
  });

  it('leaves a sweep to one process at a time', async () => {
    const { table, store, put, age, keys } = await ownStore(3_600_000);
    await put(60_000);
    await age('entries', `expires_at = now() - interval '1 second'`);
    await store.sweep();
    expect(await keys()).toHaveLength(1);
    await client().query(`UPDATE ${table}_meta SET swept_at = now() - interval '2 h'`);
    await Promise.all([store.sweep(), store.sweep()]);
    expect(await keys()).toEqual([]);
  });

  it('forgets an invalidation once nothing from before it can be there or come', async () => {
    const { store, names, put, age, sweep, marks } = await ownStore();
    await put(60_000);
    const before = await store.look(names.key);
    await store.invalidate([names.stamp]);
    await sweep();
    expect(await marks()).toHaveLength(1);
    await age('marks', `made_at = now() - interval '25 hours'`);
    await sweep();
    expect(await marks()).toHaveLength(1);
    await store.invalidate([names.key]);
    await age('marks', `made_at = now() - interval '25 hours'`);
    await sweep();
    expect(await marks()).toEqual([]);
    // A load that has lasted as long as that is not taken.
    const [at = ''] = before.point.split('@');
    const hours13 = `${at}@${Date.now() - 13 * 3_600_000}`;
    const write = { key: names.key, names: names.all, bytes: Buffer.from('v'), ttlMs: 60_000 };
    expect(await store.put({ ...write, point: hours13 })).toBe(false);
  });

  it('takes nothing whose look saw a number that a failover has lost, also when it comes again', async () => {
    const { table, store, names } = await ownStore();
    const others = async () => {
      for (let i = 0; i < 5; i += 1) await store.invalidate(['another']);
    };
    const put = (point: string) =>
      store.put({
        key: names.key,
        names: names.all,
        bytes: Buffer.from('v'),
        ttlMs: 60_000,
        point,
      });
    await others();
    const { point } = await store.look(names.key);
    await client().query(`SELECT setval('${table}_points', 2)`);
    expect(await put(point)).toBe(false);
    await client().query('SELECT pg_sleep(0.01)');
    await store.invalidate([names.stamp]);
    await others();
    expect(await put(point)).toBe(false);
    expect(await put((await store.look(names.key)).point)).toBe(true);
  });

  it('makes its tables anew when it is opened after they have gone', async () => {
    const { table, store, put } = await ownStore();
    await client().query(`DROP TABLE ${table}_entries, ${table}_marks, ${table}_meta`);
    await client().query(`DROP SEQUENCE ${table}_points`);
    await expect(put(60_000)).rejects.toThrow('does not exist');
    await store.open();
    expect(await put(60_000)).toBe(true);
  });

  it('erases of a tenant what it knows of its invalidations, too', async () => {
    const { store, names, put, marks } = await ownStore();
    await put(60_000);
    await store.invalidate([names.key, names.tag]);
    const point = await store.invalidate([names.stamp]);
    await store.erase({ prefix: names.tenant, point });
    expect(await marks()).toEqual([{ name: names.stamp }]);
  });

  it('refuses tables of a later version, and says which', async () => {
    const { table } = await ownStore();
    await client().query(`UPDATE ${table}_meta SET version = 7`);
    const other = new PostgresStore({ client: client(), table });
    await expect(other.open()).rejects.toThrow(
      'The tables of the persistent store are of version 7, made by a later version',
    );
  });

  it('has its tables in a schema, if told to', async () => {
    await client().query('CREATE SCHEMA IF NOT EXISTS elsewhere');
    const table = `elsewhere.own_${(made += 1)}`;
    const store = new PostgresStore({ client: client(), table });
    await store.open();
    await store.invalidate(['a']);
    await store.sweep();
    expect(await rowsOf(`SELECT name FROM ${table}_marks`)).toEqual([{ name: 'a' }]);
  });
}
