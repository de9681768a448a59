import { rm } from 'node:fs/promises';
import { Redis } from 'ioredis';
import Redis5 from 'ioredis-5';
import { createClient } from '../../libs/redis-cache/src/connection/create-client.js';
import { KeySpace } from '../../libs/redis-cache/src/keys/key-space.js';
import type { BusMessage } from '../../libs/redis-cache/src/invalidation/bus-message.js';
import type { Reply } from '../../libs/redis-cache/src/resilience/reply.interface.js';
import type { FarStore } from '../../libs/redis-cache/src/stores/far-store.interface.js';
import { newDataFolder } from '../support/data-folder.js';
import { FakeClock } from '../support/fake-clock.js';
import { farStoreContract } from '../support/far-store/far-store.contract.js';
import { TOLD_BYTES, type FarStoreSubject } from '../support/far-store/far-store.trial.js';
import { MemoryFarStore } from '../support/memory-far.store.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { eventually } from './support/eventually.js';
import { RedisFarSubject, type RawClient } from './support/redis-far.subject.js';

const describeWithServer = hasRedisBinary() ? describe : describe.skip;
const url = process.env.REDIS_URL ?? '';
const keys = new KeySpace(process.env.TEST_RUN_PREFIX ?? 'test');

let made = 0;
/** An entry key whose tenant and cache hold what Redis itself gives a meaning. */
const freshKey = (): string => keys.entry('ac:me/{*}', 'far store', 1, `${process.pid}-${++made}`);

describe('the far store in memory', () => {
  const clock = new FakeClock();
  const store = new MemoryFarStore(clock);
  store.toldBytes = TOLD_BYTES;
  const lifeMs = (part: 'entries' | 'leases', key: string) => {
    const leftMs = (store.memory[part].get(key)?.untilMs ?? 0) - clock.nowMs();
    return Promise.resolve(leftMs > 0 ? leftMs : undefined);
  };
  const subject: FarStoreSubject = {
    store,
    entryLifeMs: (key) => lifeMs('entries', key),
    leaseLifeMs: (key) => lifeMs('leases', key),
    listen: () => {
      const messages: BusMessage[] = [];
      store.memory.listeners.add((message) => messages.push(message));
      return Promise.resolve(() => Promise.resolve(messages));
    },
    pass: (ms) => clock.advance(ms),
  };

  farStoreContract(() => subject, freshKey);
});

describe.each<[string, () => RawClient]>([
  ['a client of ours', () => createClient({ url })],
  ['a client of ours on RESP2', () => createClient({ url, options: { protocol: 2 } })],
  ['an ioredis 6 client as it comes', () => new Redis(url, { lazyConnect: true })],
  ['an ioredis 5 client', () => new Redis5(url, { lazyConnect: true })],
  ['a client with a keyPrefix', () => new Redis(url, { lazyConnect: true, keyPrefix: 'app:' })],
])('the far store on Redis, by %s', (_name, connect) => {
  let subject: RedisFarSubject;

  beforeAll(async () => {
    subject = await RedisFarSubject.open(connect(), url);
  });
  afterAll(() => subject.close());

  farStoreContract(() => subject, freshKey);

  it('owes everything instead of more than 256 KB of names', async () => {
    const { store } = subject;
    const many = Array.from({ length: 2_000 }, (_, i) => `${i}`.padEnd(100, 'x'));
    await store.owe(many);
    expect((await store.owed()).names).toEqual(many);
    await store.owe(many);
    const owed = await store.owed();
    expect(owed.names).toEqual([expect.stringMatching(/^far-.*:\{\}:stamp$/), ...many]);
    await store.settleOwed(owed.text);
    expect(await store.owesAny()).toBe(false);
  });

  describe('with a value of another type in the place of an entry', () => {
    let key: string;

    beforeEach(async () => {
      key = freshKey();
      await subject.client.rpush(key, 'an element');
    });

    it('rejects reads in the words of the server, and goes on', async () => {
      const { store } = subject;
      const request = { token: 'token', leaseMs: 1_000, known: undefined, takeOverBelowMs: 0 };
      await expect(store.get(key)).rejects.toThrow(/^WRONGTYPE/);
      await expect(store.acquire(key, request)).rejects.toThrow('WRONGTYPE');
      await expect(store.discard(key, Buffer.from('x'))).rejects.toThrow('WRONGTYPE');
      expect(store.available).toBe(true);
    });

    it('evicts it', async () => {
      expect(await subject.store.evict(key)).toBe(true);
      expect(await subject.store.get(key)).toBeUndefined();
    });

    it('overwrites it', async () => {
      const request = { bytes: Buffer.from('entry'), ttlMs: 60_000, announce: false };
      await subject.store.claim(key, { token: 'token', leaseMs: 1_000 });
      expect(await subject.store.fill(key, 'token', request)).toBe(true);
      expect(await subject.store.get(key)).toEqual(Buffer.from('entry'));
    });
  });
});

describeWithServer(
  'the far store on a Redis that forgets its scripts between any two steps',
  () => {
    let server: RedisServerProcess;
    let redis: RedisFarSubject;
    let admin: Redis;
    let subject: FarStoreSubject;

    beforeAll(async () => {
      server = await RedisServerProcess.start();
      admin = new Redis(server.url);
      redis = await RedisFarSubject.open(createClient({ url: server.url }), server.url);
      subject = {
        store: forgetting(redis.store, admin),
        entryLifeMs: (key) => redis.entryLifeMs(key),
        leaseLifeMs: (key) => redis.leaseLifeMs(key),
        listen: () => redis.listen(),
        pass: (ms) => redis.pass(ms),
      };
    });
    afterAll(async () => {
      await redis.close();
      await admin.quit();
      await server.stop();
    });

    farStoreContract(() => subject, freshKey);
  },
);

describeWithServer('the far store on a Redis Cluster', () => {
  let folder: string;
  let server: RedisServerProcess;
  let admin: Redis;
  let subject: RedisFarSubject;

  beforeAll(async () => {
    folder = await newDataFolder('far-store');
    const announced = ['--cluster-announce-ip', '127.0.0.1'];
    const args = ['--dir', folder, '--cluster-enabled', 'yes', ...announced];
    server = await RedisServerProcess.start({ args });
    admin = new Redis(server.url);
    await admin.cluster('ADDSLOTS', ...Array.from({ length: 16_384 }, (_, slot) => slot));
    await eventually('the cluster is up', async () =>
      (await admin.cluster('INFO')).includes('cluster_state:ok'),
    );
    subject = await RedisFarSubject.open(createClient({ cluster: [server.url] }), server.url);
  });
  afterAll(async () => {
    await subject.close();
    await admin.quit();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  farStoreContract(() => subject, freshKey);

  it('has entry and lease in one slot, and entries in different ones', async () => {
    const slots = await Promise.all(
      ['acme', '{', '}', '{}', '{a}{b}', 'a}:lease'].map(async (tenant) => {
        const entry = keys.entry(tenant, 'lead', 1, 'k');
        const slot = await admin.cluster('KEYSLOT', entry);
        expect(await admin.cluster('KEYSLOT', keys.lease(entry))).toBe(slot);
        return slot;
      }),
    );
    expect(new Set(slots).size).toBe(slots.length);
  });
});

/** The store, on a server that knows no script whenever a command arrives. */
function forgetting(store: FarStore, admin: Redis): FarStore {
  const command = <A extends unknown[], R>(run: (...args: A) => Reply<R>) => {
    return async (...args: A): Promise<R> => {
      await admin.script('FLUSH');
      return run.apply(store, args);
    };
  };
  return {
    available: true,
    reachable: true,
    keepsOrder: true,
    onRecovery: (recover) => {
      store.onRecovery(recover);
    },
    suspect: (reason) => {
      store.suspect(reason);
    },
    nowMs: (hereMs) => store.nowMs(hereMs),
    get: command(store.get),
    acquire: command(store.acquire),
    claim: command(store.claim),
    renew: command(store.renew),
    fill: command(store.fill),
    // Only a script that is known is run; by the second time it is.
    store: async (...args) => (await store.store(...args)) || store.store(...args),
    release: command(store.release),
    evict: command(store.evict),
    stamp: command(store.stamp),
    renewStamp: command(store.renewStamp),
    sweep: command(store.sweep),
    announce: command(store.announce),
    look: command(store.look),
    peekStamps: command(store.peekStamps),
    owe: command(store.owe),
    owesAny: command(store.owesAny),
    owed: command(store.owed),
    settleOwed: command(store.settleOwed),
    readRollouts: command(store.readRollouts),
    replaceRollouts: command(store.replaceRollouts),
    publish: command(store.publish),
    discard: command(store.discard),
  };
}
