import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { Redis } from 'ioredis';
import type { RateLimit } from 'nestjs-redis-cache/throttler';
import { KeySpace } from '../../libs/redis-cache/src/keys/key-space.js';
import { PATIENCE } from '../integration/support/patience.js';
import { newDataFolder } from '../support/data-folder.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { until } from '../support/until.js';
import type { Tally } from './support/limit-node.js';
import { LimitProcesses } from './support/limit-processes.js';

jest.setTimeout(90_000);

const PROCESSES = 4;
const CALLS = 1_000;
const keys = new KeySpace('limits');

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describeWithServer(`${PROCESSES} processes with ${CALLS} calls each`, () => {
  let folder: string;
  let server: RedisServerProcess;
  let processes: LimitProcesses;
  let redis: Redis;

  beforeAll(async () => {
    folder = await newDataFolder('limits');
    // It keeps each write, so that what it has confirmed is there after a crash.
    server = await RedisServerProcess.start({ appendonlyDir: folder });
    redis = new Redis(server.url);
    redis.on('error', () => undefined);
    processes = await LimitProcesses.boot(PROCESSES, {
      connection: { url: server.url },
      prefix: keys.prefix,
      ...PATIENCE,
    });
  });
  afterAll(async () => {
    await processes.kill();
    redis.disconnect();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  it('are allowed exactly as many as the limit says', async () => {
    const limit: RateLimit = { name: 'exact', limit: 500, window: '10m' };
    const tallies = await processes.consumeMany(CALLS, 'u', limit);
    expect(sum(tallies)).toEqual({
      redis: { allowed: 500, refused: PROCESSES * CALLS - 500 },
      memory: { allowed: 0, refused: 0 },
    });
    expect(await redis.llen(keys.limitCalls('acme', 'exact', 'u'))).toBe(500);
  });

  it('are never allowed one more, within any window that slides over them', async () => {
    const limit: RateLimit = { name: 'sliding', limit: 50, window: 250 };
    const callsKey = keys.limitCalls('acme', 'sliding', 'u');
    const monitor = await redis.monitor();
    const allowedAtUs: number[] = [];
    const end = randomUUID();
    let ended = false;
    monitor.on('monitor', (_time: string, [command, key, ...values]: string[]) => {
      if (command === 'RPUSH' && key === callsKey) allowedAtUs.push(Number(values[0]));
      ended ||= key === end;
    });
    const { redis: counted, memory } = sum(await processes.consumeMany(CALLS, 'u', limit));
    await redis.echo(end);
    await until(() => ended);
    monitor.disconnect();

    expect(allowedAtUs).toHaveLength(counted.allowed);
    expect(memory).toEqual({ allowed: 0, refused: 0 });
    const spansUs = allowedAtUs.slice(50).map((us, i) => us - (allowedAtUs[i] as number));
    expect(spansUs.length).toBeGreaterThan(0);
    expect(Math.min(...spansUs)).toBeGreaterThanOrEqual(250_000);
    // And not one less: as soon as a call has left the window, the next one is allowed.
    expect(Math.min(...spansUs)).toBeLessThan(300_000);
  });

  it('are allowed no more by Redis than the limit says, where Redis is killed amid them', async () => {
    const limit: RateLimit = { name: 'killed', limit: 900, window: '10m' };
    const callsKey = keys.limitCalls('acme', 'killed', 'u');
    const calling = processes.consumeMany(CALLS, 'u', limit);
    while ((await redis.llen(callsKey)) < 200) continue;
    await server.kill();
    await processes.inMode('fallback');
    await server.restart();
    const tallies = await calling;
    await processes.inMode('redis');
    const rest = await processes.consumeMany(CALLS, 'u', limit);

    const all = sum([...tallies, ...rest]);
    expect(all.redis.allowed).toBeLessThanOrEqual(900);
    expect(all.memory.allowed + all.memory.refused).toBeGreaterThan(0);
    for (const { memory } of tallies) expect(memory.allowed).toBeLessThanOrEqual(900);
    expect(sum(rest).memory).toEqual({ allowed: 0, refused: 0 });
    // What was allowed meanwhile is known to Redis now: as many as the limit at least.
    expect(all.redis.allowed + all.memory.allowed).toBeGreaterThanOrEqual(900);
    expect(await redis.llen(callsKey)).toBeGreaterThanOrEqual(900);
    for (const node of processes.nodes) {
      expect(await node.consume('u', limit)).toMatchObject({ allowed: false, countedBy: 'redis' });
    }
  });
});

function sum(tallies: readonly Tally[]): Tally {
  const total = (by: 'redis' | 'memory', what: 'allowed' | 'refused') =>
    tallies.reduce((all, tally) => all + tally[by][what], 0);
  return {
    redis: { allowed: total('redis', 'allowed'), refused: total('redis', 'refused') },
    memory: { allowed: total('memory', 'allowed'), refused: total('memory', 'refused') },
  };
}
