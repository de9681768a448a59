import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { Redis } from 'ioredis';
import { coresOf, keepToCores, TASKSET } from '../../bench/measure/cores.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';

const canPlace = availableParallelism() > 1 && !spawnSync(TASKSET, ['--version']).error;
const suite = canPlace && hasRedisBinary() ? describe : describe.skip;

suite('cores of the benchmarks', () => {
  it('are one for the server and another for this process, until they are let go', async () => {
    const server = await RedisServerProcess.start();
    const redis = new Redis(server.url);
    try {
      const pid = Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
      const cores = () => [coresOf(pid), coresOf('self')];
      const before = cores();
      const letGo = await keepToCores(server.url);
      const kept = cores();
      letGo();
      for (const core of kept) expect(core).toMatch(/^\d+$/);
      expect(new Set(kept).size).toBe(2);
      expect(cores()).toEqual(before);
    } finally {
      redis.disconnect();
      await server.stop();
    }
  });
});
