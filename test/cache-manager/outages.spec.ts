import { CACHE_MANAGER, type Cache } from '@nestjs/cache-manager';
import { Test } from '@nestjs/testing';
import { CacheService, RedisCacheModule, runWithTenant } from 'nestjs-redis-cache';
import { CacheManagerModule } from 'nestjs-redis-cache/cache-manager';
import { inMode } from '../integration/support/cache-app.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';

const describeServer = hasRedisBinary() ? describe : describe.skip;

describeServer('the manager while Redis is killed', () => {
  it('still answers every call, and serves nothing that was deleted meanwhile', async () => {
    const server = await RedisServerProcess.start();
    const module = await Test.createTestingModule({
      imports: [
        RedisCacheModule.forRoot({ connection: { url: server.url }, prefix: 'outage' }),
        CacheManagerModule.register(),
      ],
    }).compile();
    module.useLogger(false);
    await module.init();
    const caches = module.get(CacheService);
    const manager = module.get<Cache>(CACHE_MANAGER, { strict: false });
    await runWithTenant('acme', async () => {
      await inMode(caches, 'redis');
      await manager.set('kept', 'before');
      await manager.set('deleted', 'before');
      await server.kill();
      const load = jest.fn(() => Promise.resolve('loaded'));
      expect(await manager.wrap('cold', load)).toBe('loaded');
      expect(await manager.del('deleted')).toBe(true);
      expect(await manager.get('deleted')).toBeUndefined();
      expect(await manager.set('set', 'meanwhile')).toBe('meanwhile');
      expect(await manager.get('set')).toBe('meanwhile');
      expect(await manager.mget(['deleted', 'missing'])).toEqual([undefined, undefined]);
      expect(await manager.clear()).toBe(true);
      expect(await manager.get('kept')).toBeUndefined();
      await server.restart();
      await inMode(caches, 'redis');
      expect(await manager.mget(['kept', 'deleted', 'set'])).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
      expect(await manager.set('after', 'it')).toBe('it');
      expect(await manager.get('after')).toBe('it');
    });
    await module.close();
    await server.stop();
  });
});
