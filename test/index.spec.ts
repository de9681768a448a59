import * as library from 'nestjs-redis-cache';
import * as health from 'nestjs-redis-cache/health';
import manifest from '../libs/redis-cache/package.json';

/** What users can import. A name that goes, or comes, is a change of the public interface. */
describe('the package', () => {
  it('exports from its main entry point these names and no others', () => {
    expect(Object.keys(library).sort()).toEqual([
      'Cache',
      'CacheDefaults',
      'CacheEvict',
      'CachePut',
      'CacheService',
      'Cacheable',
      'InjectCache',
      'InjectRedis',
      'InvalidCacheKeyError',
      'InvalidCacheOptionsError',
      'InvalidDecoratorError',
      'PurgeIncompleteError',
      'RedisCacheError',
      'RedisCacheModule',
      'TenantMissingError',
      'UncacheableValueError',
      'currentTenant',
      'escapePattern',
      'isRedisCacheError',
      'runWithTenant',
      'setTenant',
      'tenantGuard',
      'tenantMiddleware',
    ]);
  });

  it('exports from /health', () => {
    expect(Object.keys(health)).toEqual(['RedisCacheHealthIndicator']);
  });

  it('has no other entry points', () => {
    expect(Object.keys(manifest.exports)).toEqual(['.', './health', './package.json']);
  });

  it.each(Object.entries({ ...library, ...health }))(
    'has nothing undefined for %s',
    (_name, value) => {
      expect(typeof value).toBe('function');
    },
  );
});
