import { rm } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { CacheRolloutService, type RolloutState } from 'nestjs-redis-cache';
import { eventually } from '../integration/support/eventually.js';
import { CacheApps, ownPrefix, type CacheApp } from '../support/cache-apps.js';
import { newDataFolder } from '../support/data-folder.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

const CACHE = 'lead';
const OFF: RolloutState = { mode: 'off' };

jest.setTimeout(30_000);

describeWithServer('a rollout that is changed while Redis fails', () => {
  const apps = new CacheApps();
  let server: RedisServerProcess;
  let admin: Redis;
  let folder: string;
  let prefix: string;

  beforeEach(async () => {
    folder = await newDataFolder('rollout');
    server = await RedisServerProcess.start({ appendonlyDir: folder });
    admin = new Redis(server.url, { retryStrategy: () => 20 });
    admin.on('error', () => undefined);
    prefix = ownPrefix();
  });
  afterEach(async () => {
    admin.disconnect();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  class Node {
    value = 'old';
    readonly rollout: CacheRolloutService;

    private constructor(readonly app: CacheApp) {
      this.rollout = app.get(CacheRolloutService);
    }

    static async boot(): Promise<Node> {
      const connection = { url: server.url };
      const cache = { prefix, connection, timeouts: { command: '500ms' } } as object;
      const node = new Node(await apps.boot({ cache }));
      await node.is('redis');
      return node;
    }

    get state(): RolloutState {
      return this.rollout.get(CACHE).state;
    }

    read(): Promise<unknown> {
      return this.app.caches
        .forTenant('acme')
        .cache(CACHE)
        .wrap('k', () => this.value);
    }

    /** Resolves once it works with Redis, or without. */
    async is(mode: 'redis' | 'fallback'): Promise<void> {
      await this.until('state', () => this.app.caches.getStats().mode === mode);
    }

    async holds(state: RolloutState): Promise<void> {
      await this.until('rollout', () => this.state.mode === state.mode);
    }

    private async until(event: 'state' | 'rollout', holds: () => boolean): Promise<void> {
      while (!holds()) {
        await new Promise<void>((resolve) => {
          const stop = this.app.caches.on(event, () => {
            stop();
            resolve();
          });
        });
      }
    }
  }

  async function kept(): Promise<Record<string, { state: RolloutState; version: number }>> {
    const text = (await admin.get(`${prefix}:{}:rollout`)) ?? '{"caches":{}}';
    return (
      JSON.parse(text) as { caches: Record<string, { state: RolloutState; version: number }> }
    ).caches;
  }

  it('holds in its process at once while Redis is dead, and in all once it is back', async () => {
    const [a, b] = [await Node.boot(), await Node.boot()];
    await a.read();
    await server.kill();
    await Promise.all([a.is('fallback'), b.is('fallback')]);
    expect(await a.rollout.off(CACHE)).toMatchObject({ shared: false, state: OFF });
    a.value = 'new';
    expect(await a.read()).toBe('new');
    await server.restart();
    await Promise.all([a.is('redis'), b.holds(OFF)]);
    expect((await kept())[CACHE]).toMatchObject({ version: 1, state: OFF });
    const on = b.rollout.set(CACHE, {});
    expect(await on).toMatchObject({ shared: true, version: 2 });
    await a.holds({ mode: 'on', percent: 100, tenants: [] });
    b.value = 'newer';
    // Redis has found again what it had before all that.
    expect(await admin.exists(`${prefix}:{acme/lead@1/k}`)).toBe(1);
    expect([await b.read(), await a.read()]).toEqual(['newer', 'newer']);
  });

  it('holds though Redis dies in the midst of it, whether it has taken it or not', async () => {
    const a = await Node.boot();
    server.pause();
    const changing = a.rollout.off(CACHE);
    expect(await changing).toMatchObject({ shared: false, state: OFF });
    await server.kill();
    await server.restart();
    await a.is('redis');
    expect((await kept())[CACHE]?.state).toEqual(OFF);
    expect(await Node.boot().then(({ state }) => state)).toEqual(OFF);
  });

  it('that was a rollback is not undone by FLUSHALL', async () => {
    const [a, b] = [await Node.boot(), await Node.boot()];
    await a.rollout.off(CACHE);
    await b.holds(OFF);
    await admin.flushall();
    // Whoever loses the connection or the bus looks at once; nobody has to wait for the clock here.
    await admin.call('CLIENT', 'KILL', 'TYPE', 'PUBSUB');
    await eventually('Redis has it again', async () => CACHE in (await kept()));
    expect((await kept())[CACHE]).toMatchObject({ version: 1, state: OFF });
    const late = await Node.boot();
    expect([a.state, b.state, late.state]).toEqual([OFF, OFF, OFF]);
  });

  it('is not undone by a restart of all processes, nor by what else stands under its key', async () => {
    const a = await Node.boot();
    await a.rollout.off(CACHE);
    await a.app.nest.close();
    const b = await Node.boot();
    expect(b.state).toEqual(OFF);
    await admin.del(`${prefix}:{}:rollout`);
    await admin.rpush(`${prefix}:{}:rollout`, 'of no meaning');
    expect(await b.rollout.set(CACHE, { mode: 'shadow' })).toMatchObject({
      shared: true,
      version: 2,
    });
    expect((await kept())[CACHE]?.state).toEqual({ mode: 'shadow' });
  });

  it('goes by the options while Redis is away from the start, and by what was changed from then on', async () => {
    const a = await Node.boot();
    await a.rollout.off(CACHE);
    await a.app.nest.close();
    await server.kill();
    const connection = { url: server.url };
    const app = await apps.boot({ cache: { prefix, connection } as object });
    const rollout = app.get(CacheRolloutService);
    expect(rollout.get(CACHE)).toMatchObject({ version: 0, state: { mode: 'on' } });
    const learned = new Promise((resolve) => app.caches.on('rollout', resolve));
    await server.restart();
    await learned;
    expect(rollout.get(CACHE)).toMatchObject({ version: 1, state: OFF });
  });
});
