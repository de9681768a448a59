// Jest loads this file by Node's `require`, which knows nothing of the moduleNameMapper.
import '../typescript/resolve.cjs';
import { randomBytes } from 'node:crypto';
import { startRedisForTests, type RedisForTests } from './redis-for-tests.js';

declare global {
  /** Handed from the set-up of a run to its teardown. */
  var redisForTests: RedisForTests | undefined;
}

/** Starts the server of the run. Its address and a prefix for its keys reach the tests by env. */
export default async function globalSetup(): Promise<void> {
  const startedAt = performance.now();
  const redis = await startRedisForTests();
  globalThis.redisForTests = redis;
  process.env.REDIS_URL = redis.url;
  process.env.TEST_RUN_PREFIX = `test-${randomBytes(6).toString('hex')}`;
  const tookMs = Math.round(performance.now() - startedAt);
  console.log(`\nRedis for tests: ${redis.label} (ready in ${String(tookMs)} ms)`);
}
