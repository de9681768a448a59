import { randomUUID } from 'node:crypto';
import KeyvPostgres from '@keyv/postgres';
import KeyvRedis from '@keyv/redis';
import Keyv from 'keyv';
import { KeyvStore } from 'nestjs-redis-cache/persistence';
import { entryText, recordKey } from '../../libs/redis-cache/src/persistence/keyv.records.js';
import { Gate } from '../support/gate.js';
import { MemoryKeyv } from '../support/memory-keyv.js';
import {
  Names,
  persistentStoreContract,
} from '../support/persistent-store/persistent-store.contract.js';
import { postgresPrograms, PostgresServer } from '../support/postgres/postgres-server.js';

const BYTES = Buffer.from('v');

function write(names: Names, point: string, all: readonly string[] = names.all) {
  return { key: names.key, names: all, bytes: BYTES, ttlMs: 60_000, point };
}

async function given(store: KeyvStore, { key, all }: Names): Promise<boolean> {
  return (await store.look(key, all)).entry !== undefined;
}

describe('KeyvStore on a Map', () => {
  const store = new KeyvStore({ keyv: new Keyv() });
  persistentStoreContract(() => store);
});

describe('KeyvStore on a Keyv whose namespace is what our keys begin with', () => {
  const store = new KeyvStore({ keyv: new Keyv({ namespace: 'p' }) });
  persistentStoreContract(() => store);
});

describe('KeyvStore on what has no more than get, set and delete, and takes a while', () => {
  const keyv = new MemoryKeyv();
  const store = new KeyvStore({ keyv });
  persistentStoreContract(() => store);
});

describe('KeyvStore on Redis', () => {
  const keyv = new Keyv({
    store: new KeyvRedis(process.env.REDIS_URL),
    namespace: `${process.env.TEST_RUN_PREFIX ?? ''}keyv-${randomUUID()}`,
  });
  const store = new KeyvStore({ keyv });
  afterAll(() => keyv.disconnect());

  persistentStoreContract(() => store);
});

const programs = postgresPrograms();
const describeWithServer = programs === undefined ? describe.skip : describe;

describeWithServer('KeyvStore on PostgreSQL', () => {
  let server: PostgresServer;
  let keyv: Keyv;
  let store: KeyvStore;

  beforeAll(async () => {
    server = await PostgresServer.start(programs ?? '');
    keyv = new Keyv({ store: new KeyvPostgres(server.url) });
    store = new KeyvStore({ keyv });
    await store.open();
  });
  afterAll(async () => {
    await keyv.disconnect();
    await server.stop();
  });

  persistentStoreContract(() => store);
});

describe('KeyvStore in a race', () => {
  const data = new Map<string, string>();
  let mine: MemoryKeyv;
  let a: KeyvStore;
  let b: KeyvStore;
  let names: Names;

  beforeEach(() => {
    data.clear();
    mine = new MemoryKeyv(data);
    a = new KeyvStore({ keyv: mine });
    b = new KeyvStore({ keyv: new MemoryKeyv(data) });
    names = new Names();
  });

  const looked = async () => (await a.look(names.key, names.all)).point;

  it.each(['key', 'stamp', 'tag'] as const)(
    'never gives what is written behind an invalidation of its %s, though its marks were read before',
    async (by) => {
      const point = await looked();
      const gate = new Gate();
      mine.holdBefore('set', gate);
      const put = a.put(write(names, point));
      await gate.reached;
      await b.invalidate([names[by]]);
      gate.open();
      expect(await put).toBe(true);
      expect(await given(b, names)).toBe(false);
    },
  );

  it('has an id that comes late make misses, and no hits', async () => {
    const gate = new Gate();
    mine.holdBefore('set', gate);
    const late = a.look(names.key, names.all);
    await gate.reached;
    await b.invalidate([names.key]);
    const { point } = await b.look(names.key, names.all);
    expect(await b.put(write(names, point))).toBe(true);
    gate.open();
    await late;
    expect(await given(b, names)).toBe(false);
    expect(await b.put(write(names, point))).toBe(false);
  });

  it('takes marks that are lost for changed', async () => {
    expect(await a.put(write(names, await looked()))).toBe(true);
    const old = await looked();
    for (const key of data.keys()) if (key.includes('-mark-')) data.delete(key);
    expect(await given(b, names)).toBe(false);
    expect(await a.put(write(names, old))).toBe(false);
  });

  it('agrees with another process on marks that both make', async () => {
    const points = await Promise.all([
      a.look(names.key, names.all),
      b.look(names.key, names.all),
      a.look(names.key, names.all),
    ]);
    const taken = [];
    for (const { point } of points) taken.push(await a.put(write(names, point)));
    expect(taken).toContain(true);
    expect(await given(b, names)).toBe(true);
  });

  it('acknowledges two invalidations that overwrite each other', async () => {
    const gate = new Gate();
    mine.holdBefore('get', gate);
    const point = await b.look(names.key, names.all);
    await b.put(write(names, point.point));
    const invalidating = a.invalidate([names.key]);
    await gate.reached;
    await b.invalidate([names.key]);
    gate.open();
    await invalidating;
    expect(await given(b, names)).toBe(false);
  });

  describe('with a tag that only the value names', () => {
    const looksWithout = async () => (await a.look(names.key, [names.key, names.stamp])).point;

    it('takes the entry, and gives it until the tag is invalidated', async () => {
      expect(await a.put(write(names, await looksWithout()))).toBe(true);
      const { entry } = await b.look(names.key, [names.key, names.stamp]);
      expect(entry?.bytes).toEqual(BYTES);
      await b.invalidate([names.tag]);
      expect(await given(b, names)).toBe(false);
    });

    it('refuses it where the tag was invalidated during the load', async () => {
      const point = await looksWithout();
      await b.invalidate([names.tag]);
      expect(await a.put(write(names, point))).toBe(false);
    });

    it('refuses it where any tag of the tenant was, and takes it where another tenant’s was', async () => {
      const point = await looksWithout();
      await b.invalidate([new Names().tag]);
      expect(await a.put(write(names, point))).toBe(true);
      await b.invalidate([`${names.tenant}#another}:stamp`]);
      expect(await a.put(write(names, point))).toBe(false);
    });

    it('never gives it where the tag is invalidated while it is put', async () => {
      for (let step = 0; step < 12; step += 1) {
        names = new Names();
        const point = await looksWithout();
        const put = () => a.put(write(names, point));
        await interrupted(mine, step, put, () => b.invalidate([names.tag]));
        expect(await given(b, names)).toBe(false);
      }
    });

    it('never gives it where it is put while the tag is invalidated', async () => {
      for (let step = 0; step < 12; step += 1) {
        names = new Names();
        const { point } = await b.look(names.key, [names.key, names.stamp]);
        const put = () => b.put(write(names, point));
        await interrupted(mine, step, () => a.invalidate([names.tag]), put);
        expect(await given(b, names)).toBe(false);
      }
    });

    it('refuses what is under another tenant, or under a tenant that was not looked for', async () => {
      const point = await looksWithout();
      const other = new Names();
      expect(await a.put(write(names, point, [...names.all, other.tag]))).toBe(false);
      expect(await a.put(write(names, point, [...names.all, other.stamp]))).toBe(false);
    });
  });
});

/** Does one thing, and another before its command of this number is applied. */
async function interrupted(
  keyv: MemoryKeyv,
  step: number,
  work: () => Promise<unknown>,
  between: () => Promise<unknown>,
): Promise<void> {
  const gate = new Gate();
  keyv.holdFrom(keyv.sent.length + step, gate);
  const working = work();
  await Promise.race([gate.reached, working]);
  await between();
  gate.open();
  await working;
  keyv.letThrough();
}

describe('KeyvStore with an adapter that fails', () => {
  let keyv: MemoryKeyv;
  let store: KeyvStore;
  let names: Names;

  beforeEach(async () => {
    keyv = new MemoryKeyv();
    store = new KeyvStore({ keyv });
    names = new Names();
    await store.put(write(names, (await store.look(names.key, names.all)).point));
  });

  it.each(['rejects', 'silent'] as const)('tells of it, be it ever so quiet: %s', async (fault) => {
    keyv.fault = fault;
    await expect(store.open()).rejects.toThrow();
    await expect(store.look(names.key, names.all)).rejects.toThrow();
    await expect(store.invalidate([names.key])).rejects.toThrow();
    await expect(store.invalidate([names.tag])).rejects.toThrow();
    await expect(store.erase({ prefix: names.tenant, point: '' })).rejects.toThrow();
  });

  it('does not take an invalidation for made whose writes get lost', async () => {
    const lossy = new KeyvStore({
      keyv: {
        get: (key) => keyv.get(key),
        set: () => Promise.resolve(),
        delete: () => Promise.resolve(),
      },
    });
    await expect(lossy.open()).rejects.toThrow('Keyv does not have');
    await expect(lossy.invalidate([names.key])).rejects.toThrow(
      'Keyv does not have what was just written to it',
    );
    expect(await given(store, names)).toBe(true);
  });

  it('tells of a Keyv that does not take an entry, and says so', async () => {
    const point = (await store.look(names.key, names.all)).point;
    const refusing = new KeyvStore({
      keyv: { ...bound(keyv), set: () => Promise.resolve(false) },
    });
    await expect(refusing.put(write(names, point))).rejects.toThrow('has not taken an entry');
  });

  it.each([
    ['no iterator', { iterator: undefined }],
    ['one that says nothing', { iterator: () => nothing() }],
  ])('refuses to say that a tenant is erased with %s', async (_what, iterator) => {
    const blind = new KeyvStore({ keyv: { ...bound(keyv), ...iterator } });
    await expect(blind.erase({ prefix: names.tenant, point: '' })).rejects.toThrow(
      'its adapter has no iterator, so nothing can be erased',
    );
  });

  it('refuses it as well with one that ends early, and tells by an event', async () => {
    const listeners = new Set<(error: unknown) => void>();
    const failing = new KeyvStore({
      keyv: {
        ...bound(keyv),
        on: (_event, listener) => listeners.add(listener),
        off: (_event, listener) => listeners.delete(listener),
        async *iterator() {
          yield* keyv.iterator();
          for (const tell of listeners) tell(new Error('cursor lost'));
        },
      },
    });
    await expect(failing.erase({ prefix: names.tenant, point: '' })).rejects.toThrow('cursor lost');
    expect(listeners.size).toBe(0);
  });

  it('takes what is no record of its own for nothing, and leaves it alone', async () => {
    const foreign = ['x', '[', '[]', '[2]', '{"a":1}', '[1,"mark",7,"id",null]', '[1,"entry","k"]'];
    const [entry] = [...keyv.data.keys()].filter((key) => key.includes('-entry-'));
    for (const value of foreign) {
      keyv.data.set(entry as string, value);
      expect(await given(store, names)).toBe(false);
    }
    keyv.data.set('theirs', 'x');
    await store.erase({ prefix: names.tenant, point: '' });
    expect(keyv.data.get('theirs')).toBe('x');
  });
});

describe('KeyvStore', () => {
  afterEach(() => jest.useRealTimers());

  it('keeps applications apart that share a Keyv, and names of which the one is like the other', async () => {
    const keyv = new MemoryKeyv();
    const [a, b] = [new KeyvStore({ keyv }), new KeyvStore({ keyv })];
    const keys = ['crm:{acme/a@1/k}', 'CRM:{acme/a@1/k}', 'crm:{ACME/a@1/k}', 'shop:{acme/a@1/k}'];
    for (const key of keys) {
      const { point } = await a.look(key, [key]);
      await a.put({ key, names: [key], bytes: Buffer.from(key), ttlMs: 60_000, point });
    }
    const found = await Promise.all(keys.map((key) => b.look(key, [key])));
    expect(found.map(({ entry }) => Buffer.from(entry?.bytes ?? []).toString())).toEqual(keys);
    expect(await b.erase({ prefix: 'crm:{acme/', point: '' })).toBe(1);
    expect(new Set([...keyv.data.keys()].map((key) => key.toLowerCase())).size).toBe(
      keyv.data.size,
    );
    expect(Math.max(...[...keyv.data.keys()].map((key) => key.length))).toBeLessThan(100);
  });

  it('writes nothing for a look that nothing is put after', async () => {
    const keyv = new MemoryKeyv();
    const store = new KeyvStore({ keyv });
    const names = new Names();
    await store.look(names.key, []);
    expect(keyv.data.size).toBe(0);
    await store.put(write(names, (await store.look(names.key, names.all)).point));
    expect((await store.look(names.key, [])).entry?.bytes).toEqual(BYTES);
    await store.invalidate([names.tag]);
    expect((await store.look(names.key, [])).entry).toBeUndefined();
  });

  it('reads an entry and all its marks in one step', async () => {
    const getMany = jest.fn((keys: string[]) => Promise.all(keys.map((key) => keyv.get(key))));
    const keyv = new MemoryKeyv();
    const store = new KeyvStore({ keyv: { ...bound(keyv), getMany } });
    const names = new Names();
    await store.put(write(names, (await store.look(names.key, names.all)).point));
    getMany.mockClear();
    expect(await given(store, names)).toBe(true);
    expect(getMany).toHaveBeenCalledTimes(1);
  });

  it('keeps no entry for longer than maxTtl, and draws the mark of a key anew in time', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const store = new KeyvStore({ keyv: new MemoryKeyv(), maxTtl: '1h' });
    const names = new Names();
    const put = async () => {
      const { point } = await store.look(names.key, names.all);
      expect(await store.put({ ...write(names, point), ttlMs: 7 * 86_400_000 })).toBe(true);
    };
    const leftMs = async () => (await store.look(names.key, names.all)).entry?.leftMs;
    await put();
    expect(await leftMs()).toBe(3_600_000);
    jest.advanceTimersByTime(3_600_001);
    expect(await leftMs()).toBeUndefined();
    await put();
    jest.advanceTimersByTime(3_599_999);
    expect(await leftMs()).toBe(1);
  });

  it('sweeps what has expired, one process of all, where the adapter does not', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const keyv = new MemoryKeyv();
    const ofSql = Object.assign(new MemoryKeyv(keyv.data), { store: { ttlSupport: false } });
    const store = new KeyvStore({ keyv: ofSql });
    const names = new Names();
    await store.put(write(names, (await store.look(names.key, names.all)).point));
    const before = keyv.data.size;
    jest.advanceTimersByTime(60_000);
    await store.sweep();
    expect(keyv.data.size).toBe(before); // the entry has gone, and whose turn it was has come
    const again = ofSql.sent.length;
    await store.sweep();
    expect(ofSql.sent.slice(again)).toEqual(['get']);
    const plain = new KeyvStore({ keyv });
    keyv.sent.length = 0;
    await plain.sweep();
    expect(keyv.sent).toEqual([]);
  });

  it('goes on where there is more than it deletes at once', async () => {
    const keyv = new MemoryKeyv();
    const store = new KeyvStore({ keyv });
    const untilMs = Date.now() + 60_000;
    for (let i = 0; i < 20_500; i += 1) {
      const key = `crm:{acme/a@1/${i}}`;
      const text = entryText({ key, ids: new Map(), bytes: BYTES, untilMs });
      keyv.data.set(recordKey('entry', key), text);
    }
    const stubborn = { ...bound(keyv), delete: () => Promise.resolve(false) };
    const erasing = new KeyvStore({ keyv: stubborn }).erase({ prefix: 'crm:{acme/', point: '' });
    await expect(erasing).rejects.toThrow('does not delete it');
    expect(keyv.data.size).toBeGreaterThan(20_500);
    expect(await store.erase({ prefix: 'crm:{acme/', point: '' })).toBe(20_500);
    expect(keyv.data.size).toBe(0);
  });

  it.each([
    [
      {},
      `Option KeyvStore.keyv is undefined; expected an object with the methods get, set and delete`,
    ],
    [{ keyv: { get: () => 1 } }, 'Option KeyvStore.keyv is'],
    [{ keyv: new Keyv(), maxTtl: 0 }, 'Option KeyvStore.maxTtl is 0'],
    [{ keyv: new Keyv(), sweepInterval: 'x' }, `Option KeyvStore.sweepInterval is 'x'`],
    [{ keyv: new Keyv(), table: 'x' }, 'Option KeyvStore.table is'],
  ])('refuses options that it cannot use: %#', (options, message) => {
    expect(() => new KeyvStore(options as never)).toThrow(message);
  });
});

/** The methods of a client, as fields that others can take the place of. */
function bound(keyv: MemoryKeyv) {
  return {
    get: (key: string) => keyv.get(key),
    set: (key: string, value: string) => keyv.set(key, value),
    delete: (key: string) => keyv.delete(key),
    iterator: () => keyv.iterator(),
  };
}

async function* nothing(): AsyncIterable<unknown> {
  // Nothing.
}
