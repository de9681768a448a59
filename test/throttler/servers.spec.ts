import { Test } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { CacheService, RedisCacheModule, type RedisCacheModuleOptions } from 'nestjs-redis-cache';
import { RateLimiter, RateLimitModule, type RateLimit } from 'nestjs-redis-cache/throttler';
import { inMode } from '../integration/support/cache-app.js';
import { PATIENCE } from '../integration/support/patience.js';
import { RecordingLogger } from '../module/support/recording-logger.js';
import { documentedRules } from '../support/readme-acl.js';
import { serverHas } from '../support/redis/redis-binary.js';
import { RedisClusterProcesses } from '../support/redis/redis-cluster.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';

jest.setTimeout(60_000);

const STRICT: RateLimit = { name: 'strict', limit: 2, window: '10m', block: '20m' };
const ACME = { tenant: 'acme' };

const closing: (() => Promise<void>)[] = [];

async function boot(
  connection: RedisCacheModuleOptions['connection'],
  logger = new RecordingLogger(),
): Promise<{ limiter: RateLimiter; caches: CacheService }> {
  const cache = RedisCacheModule.forRoot({ connection, prefix: 'crm', ...PATIENCE });
  const module = await Test.createTestingModule({ imports: [cache, RateLimitModule.forRoot()] })
    .setLogger(logger)
    .compile();
  await module.init();
  closing.push(() => module.close());
  const caches = module.get(CacheService);
  await inMode(caches, 'redis');
  return { limiter: module.get(RateLimiter), caches };
}

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describeWithServer('limits in a cluster', () => {
  let cluster: RedisClusterProcesses;

  beforeAll(async () => {
    cluster = await RedisClusterProcesses.start();
  }, 60_000);
  afterAll(() => cluster.stop());

  it('are counted on all nodes, shut out, are reset and erased', async () => {
    const { limiter, caches } = await boot({ cluster: cluster.nodes });
    const callers = Array.from({ length: 50 }, (_, i) => `u${i}`);
    const round = () => Promise.all(callers.map((caller) => limiter.consume(caller, STRICT, ACME)));
    await round();
    await round();
    for (const call of await round()) {
      expect(call).toMatchObject({ allowed: false, blocked: true, countedBy: 'redis' });
    }
    expect(await limiter.reset('u0', STRICT, ACME)).toBe(true);
    expect(await limiter.consume('u0', STRICT, ACME)).toMatchObject({ remaining: 1 });
    await caches.forTenant('acme').purgeTenant();
    for (const call of await round()) expect(call).toMatchObject({ remaining: 1 });
  });
});

const describeWithAcl =
  hasRedisBinary() && serverHas('ACL rules for channels') ? describe : describe.skip;

describeWithAcl('limits of a user of Redis with restricted rights', () => {
  let server: RedisServerProcess;
  let admin: Redis;

  beforeEach(async () => {
    server = await RedisServerProcess.start();
    admin = new Redis(server.url);
  });
  afterEach(async () => {
    admin.disconnect();
    await server.stop();
  });

  const bootAs = async (logger: RecordingLogger, ...rules: string[]) => {
    await admin.call('ACL', 'SETUSER', 'app', 'reset', 'on', '>pw', ...rules);
    const { port } = server;
    return boot({ host: '127.0.0.1', port, username: 'app', password: 'pw' }, logger);
  };

  it('need no more than the README says', async () => {
    const logger = new RecordingLogger();
    const { limiter } = await bootAs(logger, ...documentedRules());
    const calls = [];
    for (let i = 0; i < 3; i++) calls.push(await limiter.consume('u', STRICT, ACME));
    expect(calls.map(({ countedBy }) => countedBy)).toEqual(['redis', 'redis', 'redis']);
    await limiter.reset('u', STRICT, ACME);
    // Moves the calls, as after the clock of the server was set back.
    const later = (Date.now() + 60_000) * 1_000;
    await admin.rpush('crm:{acme/!strict/u}:calls', later - 1, later);
    expect(await limiter.consume('u', STRICT, ACME)).toMatchObject({ countedBy: 'redis' });
    expect(logger.of('warn')).toEqual([]);
  });

  it('are counted by each process where it lacks them, which is told once', async () => {
    const logger = new RecordingLogger();
    const { limiter } = await bootAs(logger, '~*', '&*', '+@all', '-rpush');
    const calls = [];
    for (let i = 0; i < 3; i++) calls.push(await limiter.consume('u', STRICT, ACME));
    expect(calls).toMatchObject([
      { allowed: true, countedBy: 'memory' },
      { allowed: true, countedBy: 'memory' },
      { allowed: false, blocked: true, countedBy: 'memory' },
    ]);
    const [[text] = []] = logger.of('warn');
    expect(logger.of('warn')).toHaveLength(1);
    expect(text).toMatch(/^Redis does not count calls: each process counts alone \(.+\)\./);
    expect(text).toMatch(/ Grant its user \+lindex \+llen \+lrange \+ltrim \+rpush\.$/);
  });
});
