import { Redis } from 'ioredis';
import type { RedisCacheModuleOptions } from 'nestjs-redis-cache';
import type { RateLimit } from 'nestjs-redis-cache/throttler';
import { KeySpace } from '../../libs/redis-cache/src/keys/key-space.js';
import { eventually } from '../integration/support/eventually.js';
import { PATIENCE } from '../integration/support/patience.js';
import { Gate } from '../support/gate.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { LimitNode } from './support/limit-node.js';

jest.setTimeout(60_000);

const CHAT: RateLimit = { name: 'chat', limit: 3, window: '10m' };
const STRICT: RateLimit = { name: 'strict', limit: 3, window: '10m', block: '20m' };
const keys = new KeySpace('limits');

type RunScript = (...args: readonly unknown[]) => Promise<unknown>;

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describeWithServer('limits through an outage of Redis', () => {
  let server: RedisServerProcess;
  let a: LimitNode;
  let b: LimitNode;
  let redis: Redis;

  beforeEach(async () => {
    server = await RedisServerProcess.start();
    redis = new Redis(server.url);
    redis.on('error', () => undefined);
    const boot = () =>
      LimitNode.boot({ connection: { url: server.url }, prefix: keys.prefix, ...PATIENCE });
    [a, b] = await Promise.all([boot(), boot()]);
    await inMode('redis');
  });
  afterEach(async () => {
    await Promise.all([a.close(), b.close()]);
    redis.disconnect();
    await server.stop();
  });

  const inMode = (mode: 'redis' | 'fallback') =>
    Promise.all([a, b].map((node) => node.inMode(mode)));
  /** It keeps nothing: whatever is there afterwards was brought back. */
  const kill = async () => {
    await server.kill();
    await inMode('fallback');
  };
  const restart = async () => {
    await server.restart();
    await inMode('redis');
  };
  const calls = async (node: LimitNode, count: number, limit: RateLimit, key = 'u') => {
    const answers: string[] = [];
    for (let i = 0; i < count; i++) {
      const answer = await node.consume(key, limit);
      const refusal = !answer.allowed && answer.blocked ? 'blocked' : 'limited';
      answers.push(`${answer.allowed ? 'allowed' : refusal} by ${answer.countedBy}`);
    }
    return answers;
  };
  const blockKey = (limit: RateLimit, key = 'u') =>
    keys.limitBlock(keys.limitCalls('acme', limit.name, key));

  it('go on from where they were, in each process', async () => {
    expect(await calls(a, 2, CHAT)).toEqual(['allowed by redis', 'allowed by redis']);
    await kill();
    expect(await calls(a, 2, CHAT)).toEqual(['allowed by memory', 'limited by memory']);
    // It has not seen the calls of the other one.
    expect(await calls(b, 4, CHAT)).toEqual([
      ...Array<string>(3).fill('allowed by memory'),
      'limited by memory',
    ]);
  });

  it('hold for those of whom a process has seen that Redis shuts them out', async () => {
    await calls(a, 4, STRICT);
    expect(await calls(b, 1, STRICT)).toEqual(['blocked by redis']);
    await kill();
    expect(await calls(a, 1, STRICT)).toEqual(['blocked by memory']);
    expect(await calls(b, 1, STRICT)).toEqual(['blocked by memory']);
  });

  it('shut out in all processes, afterwards, who was shut out in one meanwhile', async () => {
    await kill();
    await calls(a, 3, STRICT);
    const refused = await a.consume('u', STRICT);
    expect(refused).toMatchObject({ allowed: false, blocked: true, countedBy: 'memory' });
    await restart();
    await eventually('Redis is told', () => redis.exists(blockKey(STRICT)));
    expect(await calls(b, 1, STRICT)).toEqual(['blocked by redis']);
    expect(await calls(a, 1, STRICT)).toEqual(['blocked by redis']);
    const leftMs = await redis.pttl(blockKey(STRICT));
    expect(leftMs).toBeGreaterThan(1_140_000);
    expect(leftMs).toBeLessThanOrEqual(refused.resetMs);
  });

  it('hold afterwards for those whom a Redis that has lost its data had shut out', async () => {
    await calls(a, 4, STRICT);
    await kill();
    await restart();
    await eventually('Redis is told', () => redis.exists(blockKey(STRICT)));
    expect(await calls(b, 1, STRICT)).toEqual(['blocked by redis']);
  });

  it('count afterwards what was allowed meanwhile, in all processes together', async () => {
    const limit = { ...CHAT, limit: 5 };
    await kill();
    await calls(a, 2, limit);
    await calls(b, 2, limit);
    await restart();
    const callsKey = keys.limitCalls('acme', 'chat', 'u');
    await eventually('Redis is told', async () => (await redis.llen(callsKey)) === 4);
    expect(await calls(a, 2, limit)).toEqual(['allowed by redis', 'limited by redis']);
    const times = (await redis.lrange(callsKey, 0, -1)).map(Number);
    expect(times).toEqual([...times].sort((x, y) => x - y));
    expect(await redis.pttl(callsKey)).toBeGreaterThan(0);
  });

  it('tell Redis before the next call of the same caller is judged', async () => {
    await kill();
    const many = Array.from({ length: 200 }, (_, i) => `u${i}`);
    for (const key of many) await calls(a, 3, CHAT, key);
    await server.restart();
    // In the very tick in which Redis can be used, before anything could be told in the background.
    await a.inMode('redis');
    const answers = await Promise.all(many.map((key) => a.consume(key, CHAT)));
    expect(answers.filter(({ allowed }) => allowed)).toEqual([]);
    expect(new Set(answers.map(({ countedBy }) => countedBy))).toEqual(new Set(['redis']));
  });

  it('are not told twice of what Redis has counted, where only the connection was lost', async () => {
    await calls(a, 2, CHAT);
    await calls(a, 4, STRICT);
    const away = inMode('fallback');
    await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await away;
    await inMode('redis');
    expect(await a.peek('u', CHAT)).toMatchObject({ remaining: 1, countedBy: 'redis' });
    expect(await a.peek('u', STRICT)).toMatchObject({ blocked: true, countedBy: 'redis' });
    expect(await redis.llen(keys.limitCalls('acme', 'chat', 'u'))).toBe(2);
  });

  it('keep callers waiting no longer than any command, where Redis hangs', async () => {
    const impatient = await LimitNode.boot({ connection: { url: server.url }, prefix: 'limits' });
    await impatient.inMode('redis');
    server.pause();
    const beganMs = performance.now();
    expect(await calls(impatient, 4, CHAT)).toEqual([
      ...Array<string>(3).fill('allowed by memory'),
      'limited by memory',
    ]);
    expect(performance.now() - beganMs).toBeLessThan(2_000);
    server.resume();
    await impatient.inMode('redis');
    // Whether the first call was counted is unknown: it may count twice, and never not at all.
    await eventually('Redis is told', async () => {
      const { remaining } = await impatient.peek('u', CHAT);
      return remaining === 0;
    });
    await impatient.close();
  });
});

describeWithServer('limits when Redis is back and does not know their script', () => {
  let server: RedisServerProcess;
  /** Cut off, and back: what it hears of the script not being known comes late. */
  let client: Redis;
  let late: Gate;
  let isLate: boolean;
  let back: LimitNode;
  let other: LimitNode;

  beforeEach(async () => {
    server = await RedisServerProcess.start();
    client = new Redis(server.url);
    client.on('error', () => undefined);
    late = new Gate();
    isLate = false;
    // Generated by ioredis, whose types do not know of it.
    const scripting = client as unknown as Record<'evalshaBuffer', RunScript>;
    const run = scripting.evalshaBuffer.bind(client);
    scripting.evalshaBuffer = (...args) =>
      run(...args).catch(async (error: unknown) => {
        if (isLate && args.includes(blockKey)) await late.pass();
        throw error;
      });
    const boot = (connection: RedisCacheModuleOptions['connection']) =>
      LimitNode.boot({ connection, prefix: keys.prefix, ...PATIENCE });
    [back, other] = await Promise.all([boot(client), boot({ url: server.url })]);
    await Promise.all([back, other].map((node) => node.inMode('redis')));
  });
  afterEach(async () => {
    late.open();
    await Promise.all([back.close(), other.close()]);
    client.disconnect();
    await server.stop();
  });

  const blockKey = keys.limitBlock(keys.limitCalls('acme', 'strict', 'u'));

  /** Up to where Redis is told, and another process has made the script known meanwhile. */
  const outages = {
    'after a restart': async () => {
      await shutOut('redis');
      await server.kill();
      await back.inMode('fallback');
      await server.restart();
      await client.ping();
    },
    'after SCRIPT FLUSH, where only one process was cut off': async () => {
      client.disconnect();
      await back.inMode('fallback');
      await shutOut('memory');
      await client.connect();
      await client.script('FLUSH');
    },
  };
  const shutOut = async (countedBy: 'redis' | 'memory') => {
    for (let i = 0; i < 3; i++) await back.consume('u', STRICT);
    expect(await back.consume('u', STRICT)).toMatchObject({ blocked: true, countedBy });
    isLate = true;
  };
  const comeBack = async (outage: keyof typeof outages) => {
    await outages[outage]();
    await Promise.all([back, other].map((node) => node.inMode('redis')));
    await late.reached;
    expect(await other.consume('v', STRICT)).toMatchObject({ countedBy: 'redis' });
  };
  /** All that was sent by now has been done. */
  const roundTrips = async () => {
    for (let i = 0; i < 2; i++) await client.ping();
  };

  it.each(Object.keys(outages) as (keyof typeof outages)[])(
    'let nobody through who is shut out, %s',
    async (outage) => {
      await comeBack(outage);
      const call = back.consume('u', STRICT);
      await roundTrips();
      late.open();
      expect(await call).toMatchObject({ allowed: false, blocked: true, countedBy: 'redis' });
    },
  );

  it('bring back nobody who is let in meanwhile', async () => {
    await comeBack('after a restart');
    const reset = back.reset('u', STRICT);
    await roundTrips();
    late.open();
    expect(await reset).toBe(true);
    expect(await back.consume('u', STRICT)).toMatchObject({ allowed: true, countedBy: 'redis' });
  });
});

describe('limits without Redis', () => {
  it('are still counted there where only entries are kept apart from it', async () => {
    const connection = { url: String(process.env.REDIS_URL) };
    const prefix = `${String(process.env.TEST_RUN_PREFIX)}:apart`;
    const boot = () => LimitNode.boot({ connection, prefix, far: false, ...PATIENCE });
    const nodes = await Promise.all([boot(), boot()]);
    await Promise.all(nodes.map((node) => node.connected()));
    const answers = [];
    for (const node of [...nodes, ...nodes]) answers.push(await node.consume('u', CHAT));
    expect(answers.map(({ allowed, countedBy }) => [allowed, countedBy])).toEqual([
      [true, 'redis'],
      [true, 'redis'],
      [true, 'redis'],
      [false, 'redis'],
    ]);
    await Promise.all(nodes.map((node) => node.close()));
  });

  it('are kept by the process alone', async () => {
    const node = await LimitNode.boot({ connection: false });
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await node.consume('u', CHAT));
    expect(answers.map(({ allowed, countedBy }) => [allowed, countedBy])).toEqual([
      [true, 'memory'],
      [true, 'memory'],
      [true, 'memory'],
      [false, 'memory'],
    ]);
    await node.close();
  });
});
