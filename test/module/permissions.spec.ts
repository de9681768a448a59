import { TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { CacheService, RedisCacheModule, type RedisCacheModuleOptions } from 'nestjs-redis-cache';
import { RedisCacheHealthIndicator } from 'nestjs-redis-cache/health';
import { eventually } from '../integration/support/eventually.js';
import { inMode } from '../integration/support/cache-app.js';
import { documentedRules } from '../support/readme-acl.js';
import { serverHas } from '../support/redis/redis-binary.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { RecordingLogger } from './support/recording-logger.js';

const suite = hasRedisBinary() && serverHas('ACL rules for channels') ? describe : describe.skip;

suite('a user of Redis', () => {
  let server: RedisServerProcess;
  let admin: Redis;
  let logger: RecordingLogger;
  const closing: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    server = await RedisServerProcess.start();
    admin = new Redis(server.url);
    logger = new RecordingLogger();
  });
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((close) => close()));
    admin.disconnect();
    await server.stop();
  });

  const setUser = (...rules: string[]) => admin.call('ACL', 'SETUSER', 'app', ...rules);

  const boot = async (options: Partial<RedisCacheModuleOptions> = {}) => {
    const module = await Test.createTestingModule({
      imports: [
        RedisCacheModule.forRoot({
          connection: { host: '127.0.0.1', port: server.port, username: 'app', password: 'pw' },
          prefix: 'crm',
          timeouts: { command: '2s' },
          ...options,
        }),
        TerminusModule,
      ],
      providers: [RedisCacheHealthIndicator],
    })
      .setLogger(logger)
      .compile();
    await module.init();
    closing.push(() => module.close());
    const caches = module.get(CacheService);
    const failures: unknown[] = [];
    caches.on('farError', (event) => failures.push(event));
    caches.on('backgroundError', (event) => failures.push(event));
    return {
      caches,
      tenant: caches.forTenant('acme'),
      failures,
      health: async () => (await module.get(RedisCacheHealthIndicator).isHealthy()).cache,
    };
  };
  const warnings = () => logger.of('warn').map(([text]) => String(text));
  const answersFromMemory = async (caches: CacheService) => {
    await caches.wrap('probe', () => 1);
    const { nearHits } = caches.getStats().total;
    await caches.wrap('probe', () => 1);
    return caches.getStats().total.nearHits > nearHits;
  };

  it.each<RedisCacheModuleOptions['coherence']>(['bus', 'tracking', 'ttl'])(
    'needs no more rights than the README says, with coherence %s',
    async (coherence) => {
      await setUser('reset', 'on', '>pw', ...documentedRules());
      const { caches, tenant, failures } = await boot({ coherence });
      await inMode(caches, 'redis');
      await eventually('the memory is used', () => answersFromMemory(tenant));
      expect(await tenant.wrap('k', () => 'v', { tags: ['t'], grace: '1m' })).toBe('v');
      await tenant.set('k', 'w', { tags: ['t'] });
      expect(await tenant.get('k')).toBe('w');
      await admin.set('crm:{acme/default@1/garbage}', 'no entry');
      expect(await tenant.get('garbage')).toBeUndefined();
      await tenant.evictTags(['t']);
      await tenant.del('k');
      await tenant.evictPattern('default/*');
      await tenant.evictTenant();
      await tenant.purgeTenant();
      await caches.flush();
      await expect(tenant.wrap('k', () => Promise.reject(new Error('its own')))).rejects.toThrow();
      expect(failures).toEqual([]);
      expect(warnings()).toEqual([]);
      expect(tenant.getStats().mode).toBe('redis');
    },
  );

  it('without the right to run scripts has the cache go on without Redis, and is told what to grant', async () => {
    await setUser('reset', 'on', '>pw', '~*', '&*', '+@all', '-eval', '-evalsha');
    const { tenant, health, caches } = await boot();
    await eventually('it is known', () => warnings().length > 0);
    expect(await tenant.wrap('k', () => 'v')).toBe('v');
    await tenant.del('k');
    expect(await tenant.wrap('k', () => 'w')).toBe('w');
    await eventually('the health answer says so', async () => {
      const { mode, message } = await health();
      return mode === 'fallback' && String(message).endsWith('grant it +eval +evalsha');
    });
    expect(warnings()).toEqual([
      expect.stringContaining('the user of Redis lacks permissions: grant it +eval +evalsha'),
    ]);
    await setUser('+eval', '+evalsha');
    await inMode(caches, 'redis');
    await eventually('the health answer is well', async () => (await health()).mode === 'redis');
    expect(warnings()).toHaveLength(1);
  });

  it.each([
    ['a command that scripts run', ['-getrange', '-pttl'], '+getrange +pttl'],
    ['the keys of the prefix', ['resetkeys', '~other:*'], '~crm:*'],
    ['a command that is no script', ['-get'], '+get'],
  ])('without the right to %s is told what to grant', async (_what, rules, grant) => {
    await setUser('reset', 'on', '>pw', '~*', '&*', '+@all', ...rules);
    const { tenant } = await boot();
    await eventually('it is known', () => warnings().length > 0);
    expect(warnings()).toEqual([expect.stringContaining(`grant it ${grant})`)]);
    expect(await tenant.wrap('k', () => 'v')).toBe('v');
    expect(tenant.getStats().mode).toBe('fallback');
  });

  it.each([
    ['publish', ['-publish'], '+publish'],
    ['subscribe', ['-subscribe'], '+subscribe'],
    ['use the channels', ['resetchannels', '&other:*'], '&crm:bus* &{crm}:bus*'],
  ])('without the right to %s uses Redis, and not its memory', async (_what, rules, grant) => {
    await setUser('reset', 'on', '>pw', '~*', '&*', '+@all', ...rules);
    const { caches, tenant } = await boot({ bus: { heartbeat: '50ms' } });
    await inMode(caches, 'redis');
    await eventually('it is known', () => warnings().length > 0);
    expect(warnings()).toEqual([expect.stringContaining(`Grant the user of Redis ${grant}.`)]);
    expect(await answersFromMemory(tenant)).toBe(false);
    expect(tenant.getStats().total.farHits).toBeGreaterThan(0);
    // That the others cannot be told undoes nothing of what they would be told.
    await tenant.set('written', 'before');
    await tenant.set('written', 'after');
    expect(await tenant.get('written')).toBe('after');
    expect(await tenant.del('written')).toBe(true);
    expect(await tenant.get('written')).toBeUndefined();
    expect(tenant.getStats()).toMatchObject({ mode: 'redis', total: { farErrors: 0 } });
    await setUser('&*', '+@all');
    await eventually('the memory is used', () => answersFromMemory(tenant));
    expect(warnings()).toHaveLength(1);
  });

  it('may be refused what the server is', async () => {
    const miss = jest.spyOn(console, 'warn').mockReturnValue(); // ioredis misses its ready check
    await setUser('reset', 'on', '>pw', '~*', '&*', '+@all', '-info', '-hello');
    const { caches, tenant, failures } = await boot();
    await inMode(caches, 'redis');
    await eventually('the memory is used', () => answersFromMemory(tenant));
    expect(failures).toEqual([]);
    expect(warnings()).toEqual([]);
    miss.mockRestore();
  });

  it('is told once which server it is', async () => {
    await setUser('reset', 'on', '>pw', '~*', '&*', '+@all');
    const { caches } = await boot();
    await inMode(caches, 'redis');
    const connected = () =>
      logger.of('log').filter(([text]) => String(text).startsWith('Connected'));
    await eventually('it is told', () => connected().length > 0);
    expect(connected()).toEqual([
      [expect.stringMatching(/^Connected to \w+ [\d.]+\.$/), 'RedisCache'],
    ]);
  });
});
