import { Redis } from 'ioredis';
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

  /** How often each of the commands was sent by a client. */
  const sent = async (...commands: string[]) => {
    const stats = await admin.info('commandstats');
    return commands.map((command) =>
      Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0),
    );
  };

  it('go out as one for each kind, however many entries they are for', async () => {
    const { store } = subject;
    await Promise.all(keys.map((key) => store.claim(key, 'token', LEASE_MS)));
    await admin.config('RESETSTAT');
    const fill = { bytes: Buffer.from('v'), ttlMs: LEASE_MS, announce: false };
    await Promise.all(keys.map((key) => store.fill(key, 'token', fill)));
    // The first time a server is given a script it does not know it yet.
    expect(await sent('eval', 'evalsha')).toEqual([1, 1]);
    await Promise.all(keys.map((key) => store.get(key)));
    expect(await sent('mget', 'get')).toEqual([1, 5]); // GET: within the script that filled
    await Promise.all([
      ...keys.map((key) => store.evict(key)),
      ...keys.map((key) => store.get(key)),
    ]);
    expect(await sent('mget', 'unlink')).toEqual([2, 5]);
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
