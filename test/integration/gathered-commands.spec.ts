import { Redis } from 'ioredis';
import { FINAL } from '../../libs/redis-cache/src/stores/far-store.interface.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { RedisFarSubject, type RawClient } from './support/redis-far.subject.js';

const suite = hasRedisBinary() ? describe : describe.skip;

const LEASE_MS = 10_000;
const request = (token: string) => ({
  token,
  leaseMs: LEASE_MS,
  known: undefined,
  takeOverBelowMs: 0,
});

suite('commands of one tick, on a real server', () => {
  let server: RedisServerProcess;
  let admin: Redis;
  let subject: RedisFarSubject;

  beforeEach(async () => {
    server = await RedisServerProcess.start();
    admin = new Redis(server.url);
    const client = new Redis(server.url) as unknown as RawClient;
    subject = await RedisFarSubject.open(client, server.url);
  });
  afterEach(async () => {
    await subject.close();
    admin.disconnect();
    await server.stop();
  });

  const keys = Array.from({ length: 5 }, (_, i) => `t:{acme/lead@1/${String(i)}}`);
  const [poisoned = '', ...well] = keys;
  const leaseOf = (key: string) => `${key}:lease`;

  /** How often each of the commands was sent by a client. */
  const sent = async (...commands: string[]) => {
    const stats = await admin.info('commandstats');
    return commands.map((command) =>
      Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0),
    );
  };

  it('go out as one for each kind, however many entries they are for', async () => {
    const { store } = subject;
    await Promise.all(keys.map((key) => store.claim(key, { token: 'token', leaseMs: LEASE_MS })));
    await admin.config('RESETSTAT');
    const fill = { bytes: Buffer.from('v'), ttlMs: LEASE_MS, announce: false };
    await Promise.all(keys.map((key) => store.fill(key, 'token', fill)));
    // The first time a server is given a script it does not know it yet.
    expect(await sent('eval', 'evalsha')).toEqual([1, 1]);
    expect(await sent('mget')).toEqual([1]); // by the script, for all leases
    await Promise.all(keys.map((key) => store.get(key)));
    expect(await sent('mget', 'get')).toEqual([2, 0]);
    await Promise.all([
      ...keys.map((key) => store.evict(key)),
      ...keys.map((key) => store.get(key)),
    ]);
    expect(await sent('mget', 'unlink')).toEqual([3, 5]);
  });

  it('take a value at hand one command, behind the claims of its tick, before those that come later', async () => {
    const { store } = subject;
    const at = (key: string, bytes: string) => {
      const untilMs = store.nowMs() + LEASE_MS;
      const isOutdated = () => false;
      return store.store(key, { bytes, ttlMs: LEASE_MS, untilMs, isOutdated });
    };
    const [one = '', other = ''] = well;
    const claim = (key: string) => store.claim(key, { token: 'token', leaseMs: LEASE_MS });
    // So that the server knows the scripts: until then nothing is stored at once.
    await store.evict(poisoned);
    expect(await Promise.all([claim(poisoned), at(poisoned, 'v')])).toEqual([false, false]);
    expect(await Promise.all([claim(one), at(one, 'v'), at(other, 'v'), claim(other)])).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(await admin.mget(one, leaseOf(one), other, leaseOf(other))).toEqual([
      'v',
      null,
      'v',
      'token',
    ]);
    // An eviction that comes first goes out at once, and leaves the next one to be gathered.
    const evicted = await Promise.all([
      store.evict(poisoned),
      store.evict(one),
      at(one, 'w'),
      claim(other),
    ]);
    expect(evicted).toEqual([false, true, true, false]);
    expect(await admin.get(one)).toBe('w');
    await admin.config('RESETSTAT');
    expect(await Promise.all(keys.map((key) => at(key, 'w')))).toEqual(keys.map(() => true));
    expect(await sent('evalsha', 'set', 'del', 'time', 'publish')).toEqual([1, 5, 1, 1, 1]);
    const tooLate = { bytes: 'x', ttlMs: LEASE_MS, untilMs: 0, isOutdated: () => false };
    const outdated = { ...tooLate, untilMs: Infinity, isOutdated: () => true };
    expect(await store.store(one, outdated)).toBe(false);
    expect(await sent('evalsha')).toEqual([1]);
    expect(await store.store(one, tooLate)).toBe(false);
    expect(await Promise.all([store.store(one, outdated), at(other, 'y')])).toEqual([false, true]);
    expect(await admin.mget(one, other)).toEqual(['w', 'y']);
  });

  it('take a miss two commands for each entry, and few for all of them', async () => {
    const { store } = subject;
    const missed = Array.from({ length: 100 }, (_, i) => `t:{acme/lead@1/miss-${String(i)}}`);
    const inScripts = ['exists', 'set', 'time', 'mget', 'del', 'get'];
    const miss = async () => {
      await Promise.all(missed.map((key) => store.acquire(key, request('token'))));
      const fill = { bytes: Buffer.from('v'), ttlMs: LEASE_MS, announce: false };
      return Promise.all(missed.map((key) => store.fill(key, 'token', fill)));
    };
    await admin.config('RESETSTAT');
    expect(await miss()).toEqual(missed.map(() => true));
    // Of 50 entries each, that the server is at work on one half while we are on the other.
    expect(await sent(...inScripts)).toEqual([2, 200, 2, 2, 2, 0]);
  });

  it('tell the others by one message of all that they evict or replace', async () => {
    const { store } = subject;
    const told = await subject.listen();
    await Promise.all(
      keys.map((key, i) => store.claim(key, { token: `t${String(i)}${FINAL}`, leaseMs: LEASE_MS })),
    );
    await admin.config('RESETSTAT');
    const [unannounced = '', refused = '', ...announced] = keys;
    const fill = (key: string, token: string, announce = true) =>
      store.fill(key, token, { bytes: 'v', ttlMs: LEASE_MS, announce });
    await Promise.all([
      fill(unannounced, `t0${FINAL}`, false),
      fill(refused, 'another'),
      ...announced.map((key, i) => fill(key, `t${String(i + 2)}${FINAL}`)),
    ]);
    expect(await sent('publish')).toEqual([1]);
    // By its claim: a put displaces a set.
    await store.claim(poisoned, { token: `t${FINAL}`, leaseMs: LEASE_MS });
    await Promise.all(
      [poisoned, ...well].map((key) => store.claim(key, { token: 'put', leaseMs: LEASE_MS })),
    );
    expect(await sent('publish')).toEqual([2]);
    await Promise.all(keys.map((key) => store.evict(key)));
    // The first of a tick goes at once.
    expect(await sent('publish')).toEqual([4]);
    const evicted = (origin: string) => (key: string) => ({ kind: 'entry', origin, key });
    expect(await told()).toEqual([
      ...announced.map(evicted('this-process')),
      ...[poisoned, refused].map(evicted('-')),
      ...keys.map(evicted('this-process')),
    ]);
  });

  it('give each what it asks for, however they differ', async () => {
    const { store } = subject;
    const [missing = '', known = '', renewed = '', leased = '', lapsing = ''] = keys;
    await admin.mset(known, 'old value', renewed, 'new value');
    await store.claim(leased, { token: 'theirs', leaseMs: LEASE_MS });
    await store.claim(lapsing, { token: 'theirs', leaseMs: LEASE_MS });
    const seen = { known: Buffer.from('old'), leaseMs: 2 * LEASE_MS };
    const acquired = await Promise.all([
      store.acquire(missing, request('a')),
      store.acquire(known, { ...request('b'), ...seen }),
      store.acquire(renewed, { ...request('c'), ...seen }),
      store.acquire(leased, request('d')),
      store.acquire(lapsing, { ...request('e'), takeOverBelowMs: 2 * LEASE_MS }),
      store.acquire(missing, request('f')),
    ]);
    expect(acquired).toEqual([
      { kind: 'lease' },
      { kind: 'lease' },
      { kind: 'entry', bytes: Buffer.from('new value') },
      { kind: 'wait' },
      { kind: 'lease' },
      { kind: 'wait' },
    ]);
    expect(await admin.mget(keys.map(leaseOf))).toEqual(['a', 'b', null, 'theirs', 'e']);
    expect(await admin.pttl(leaseOf(missing))).toBeLessThanOrEqual(LEASE_MS);
    expect(await admin.pttl(leaseOf(known))).toBeGreaterThan(LEASE_MS);

    const fill = (bytes: string, ttlMs: number) => ({
      bytes: Buffer.from(bytes),
      ttlMs,
      announce: false,
    });
    const filled = await Promise.all([
      store.fill(missing, 'a', fill('1', LEASE_MS)),
      store.fill(known, 'not mine', fill('2', LEASE_MS)),
      store.fill(lapsing, 'e', fill('3', 2 * LEASE_MS)),
    ]);
    expect(filled).toEqual([true, false, true]);
    expect(await admin.mget(missing, known, lapsing)).toEqual(['1', 'old value', '3']);
    expect(await admin.pttl(missing)).toBeLessThanOrEqual(LEASE_MS);
    expect(await admin.pttl(lapsing)).toBeGreaterThan(LEASE_MS);
    expect(await admin.mget(keys.map(leaseOf))).toEqual([null, 'b', null, 'theirs', null]);

    const evicted = await Promise.all([missing, renewed, leased].map((key) => store.evict(key)));
    expect(evicted).toEqual([true, true, false]);
    await store.release(known, 'b');
    expect(await admin.keys('*')).toEqual(expect.arrayContaining([known, lapsing]));
    expect(await admin.dbsize()).toBe(2);
  });

  it('write of what the persistent store lacks only what is added, however much is there', async () => {
    const { store } = subject;
    const names = Array.from({ length: 1_000 }, (_, i) => `t:{acme/lead@1/${'k'.repeat(50)}${i}}`);
    await store.owe(names);
    const monitor = await admin.monitor();
    const written: number[] = [];
    const done = new Promise<void>((resolve) => {
      monitor.on('monitor', (_time, [command, ...args]: string[], source: string) => {
        if (source === 'lua') written.push(args.join('').length);
        if (command?.toLowerCase() === 'echo') resolve();
      });
    });
    await store.owe(['t:{acme/lead@1/one}', 't:{acme/lead@1/another}']);
    await admin.call('ECHO', 'done');
    await done;
    monitor.disconnect();
    expect(Math.max(...written)).toBeLessThan(200);
    expect((await store.owed()).names).toHaveLength(1_002);
  });

  it('read what is large in portions, as it is found to be', async () => {
    const { store } = subject;
    const large = Buffer.alloc(10_000, 'x');
    await Promise.all(keys.map((key) => admin.set(key, large)));
    for (let i = 0; i < 20; i += 1) await store.get(poisoned);
    await admin.config('RESETSTAT');
    const found = await Promise.all(keys.map((key) => store.get(key)));
    expect(found).toEqual(keys.map(() => large));
    expect(await sent('mget', 'get')).toEqual([2, 0]);
  });

  it('evict before they read', async () => {
    const { store } = subject;
    const [key = '', other = ''] = keys;
    await store.evict(other); // from here on the server knows the script
    await admin.set(key, 'old');
    const reading = store.get(key);
    const evicting = store.evict(key);
    expect(await reading).toBeUndefined();
    expect(await evicting).toBe(true);
  });

  it('fail alone where something else stands under the key of one', async () => {
    const { store } = subject;
    await admin.rpush(poisoned, 'a list');
    const acquired = await Promise.allSettled(
      keys.map((key) => store.acquire(key, request('token'))),
    );
    expect(acquired[0]).toMatchObject({
      status: 'rejected',
      reason: expect.objectContaining({ message: expect.stringContaining('WRONGTYPE') as string }),
    });
    expect(acquired.slice(1)).toEqual(
      well.map(() => ({ status: 'fulfilled', value: { kind: 'lease' } })),
    );
    expect(store.available).toBe(true);
    const read = await Promise.all([poisoned, ...well].map((key) => store.get(key)));
    expect(read).toEqual(keys.map(() => undefined));
  });

  it('leave what is no lease under the key of one, and do the others', async () => {
    const { store } = subject;
    await Promise.all(well.map((key) => store.claim(key, { token: 'token', leaseMs: LEASE_MS })));
    await admin.rpush(leaseOf(poisoned), 'a list');
    const fill = { bytes: Buffer.from('v'), ttlMs: LEASE_MS, announce: false };
    const filled = await Promise.all(keys.map((key) => store.fill(key, 'token', fill)));
    expect(filled).toEqual([false, true, true, true, true]);
    await Promise.all(keys.map((key) => store.release(key, 'token')));
    const takeOverBelowMs = 2 * LEASE_MS;
    await admin.pexpire(leaseOf(poisoned), LEASE_MS);
    await admin.del(...well);
    const acquired = await Promise.allSettled(
      keys.map((key) => store.acquire(key, { ...request('token'), takeOverBelowMs })),
    );
    expect(acquired.map(({ status }) => status)).toEqual([
      'rejected',
      ...well.map(() => 'fulfilled'),
    ]);
    expect(await admin.lrange(leaseOf(poisoned), 0, -1)).toEqual(['a list']);
    expect(await admin.mget(well.map(leaseOf))).toEqual(well.map(() => 'token'));
  });

  it('keep the leases of what is not stored for want of memory, and are refused one by one', async () => {
    const { store } = subject;
    await Promise.all(keys.map((key) => store.claim(key, { token: 'token', leaseMs: LEASE_MS })));
    await admin.config('SET', 'maxmemory', '1');
    const fill = { bytes: Buffer.from('v'), ttlMs: LEASE_MS, announce: false };
    const filled = await Promise.allSettled(keys.map((key) => store.fill(key, 'token', fill)));
    const refused = { status: 'rejected', reason: { message: expect.stringContaining('OOM') } };
    expect(filled).toMatchObject(keys.map(() => refused));
    expect(await admin.mget(keys.map(leaseOf))).toEqual(keys.map(() => 'token'));
    expect(store.available).toBe(true);
    expect(await Promise.all(keys.map((key) => store.evict(key)))).toEqual(keys.map(() => false));
    expect(await admin.dbsize()).toBe(0);
  });

  it('fail together where the server takes no writes, and it counts as away', async () => {
    const { store } = subject;
    await admin.replicaof('127.0.0.1', 1);
    const acquired = await Promise.allSettled(
      keys.map((key) => store.acquire(key, request('token'))),
    );
    expect(acquired.map(({ status }) => status)).toEqual(keys.map(() => 'rejected'));
    expect(store.available).toBe(false);
  });
});
