import { randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { CacheService, RedisCacheModule } from 'nestjs-redis-cache';
import { Gate } from '../support/gate.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { eventually } from './support/eventually.js';

const describeWithServer = hasRedisBinary() ? describe : describe.skip;
const FILLERS = 8_000;
const CANDIDATES = 300;
const STEP = 500;

describeWithServer('a walk through the keys of a server, while loads go on', () => {
  const prefix = `races-${randomUUID()}`;
  let server: RedisServerProcess;
  let admin: Redis;
  let client: Redis;
  let app: INestApplicationContext;
  let caches: CacheService;
  /** Called after each step of a walk, with its number. */
  let onStep: (step: number) => Promise<unknown> = () => Promise.resolve();

  beforeAll(async () => {
    server = await RedisServerProcess.start();
    admin = new Redis(server.url);
    const fillers = Array.from({ length: FILLERS }, (_, i) => [`filler:${i}`, 'v']);
    await admin.mset(Object.fromEntries(fillers));
    client = new Redis(server.url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
    watchWalks(client);
    app = await NestFactory.createApplicationContext(
      {
        module: class {},
        imports: [
          RedisCacheModule.forRoot({
            connection: client,
            prefix,
            timeouts: { command: '10s', lease: '60s' },
          }),
        ],
      } as never,
      { logger: false },
    );
    caches = app.get(CacheService).forTenant('acme');
    await eventually('Redis is in use', () => caches.getStats().mode === 'redis');
  });
  afterAll(async () => {
    await app.close();
    client.disconnect();
    admin.disconnect();
    await server.stop();
  });

  function watchWalks(redis: Redis): void {
    const scan = redis.scanBuffer.bind(redis) as (...args: unknown[]) => Promise<unknown>;
    let step = 0;
    const watched = async (...args: unknown[]): Promise<unknown> => {
      if (args[0] === '0') step = 0;
      const reply = await scan(...args);
      await onStep(step++);
      return reply;
    };
    Object.assign(redis, { scanBuffer: watched });
  }

  /** By key, in which step of a walk it comes. It stays so while the table of the server does. */
  async function order(): Promise<Map<string, number>> {
    const steps = new Map<string, number>();
    let cursor = '0';
    let step = 0;
    do {
      const [next, found] = await admin.scan(cursor, 'COUNT', STEP);
      for (const key of found) steps.set(key, step);
      step += 1;
      cursor = next;
    } while (cursor !== '0');
    return steps;
  }

  /** A key whose entry comes early in a walk, and whose lease comes late. */
  async function keyWithLateLease(of: string): Promise<{ key: string; between: number }> {
    const entryOf = (key: string) => `${prefix}:{acme/lead@1/${key}}`;
    const keys = Array.from({ length: CANDIDATES }, (_, i) => `${of}-${i}`);
    const pairs = keys.flatMap((key) => [entryOf(key), `${entryOf(key)}:lease`]);
    await admin.mset(Object.fromEntries(pairs.map((key) => [key, 'v'])));
    const steps = await order();
    await admin.del(...pairs);
    const gap = (key: string) =>
      (steps.get(`${entryOf(key)}:lease`) as number) - (steps.get(entryOf(key)) as number);
    const [key = ''] = keys.sort((a, b) => gap(b) - gap(a));
    expect(gap(key)).toBeGreaterThan(4);
    return { key, between: (steps.get(entryOf(key)) as number) + Math.floor(gap(key) / 2) };
  }

  it.each<[string, () => Promise<unknown>]>([
    ['evictPattern', () => caches.evictPattern('lead/*')],
    ['purgeTenant', () => caches.purgeTenant()],
  ])('leaves no entry that a load stored behind it: %s', async (name, evict) => {
    const { key, between } = await keyWithLateLease(name);
    const gate = new Gate();
    const load = async () => {
      await gate.pass();
      return 'old';
    };
    const call = caches.cache('lead').wrap(key, load);
    await gate.reached;
    // The walk has passed where the entry will stand, and has not come to the lease.
    onStep = async (step) => {
      if (step !== between) return;
      gate.open();
      await call;
    };
    await evict();
    expect(await call).toBe('old');
    expect(await admin.keys(`${prefix}:{acme/lead@1/*`)).toEqual([]);
    expect(await caches.cache('lead').wrap(key, () => 'new')).toBe('new');
  });
});
