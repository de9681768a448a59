import { inspect } from 'node:util';
import { FakeRedisClient } from '../../../../test/support/fake-redis-client.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { assertConnectionOptions, type RedisConnectionOptions } from './connection-options.js';

describe('assertConnectionOptions', () => {
  const client = Object.assign(new FakeRedisClient(), {
    evalshaBuffer: jest.fn(),
    evalBuffer: jest.fn(),
  });

  const valid: [string, RedisConnectionOptions][] = [
    ['false', false],
    ['a client', client],
    ['a URL', { url: 'redis://localhost', options: { connectTimeout: 500 } }],
    ['a host', { host: 'redis', port: 6380, username: 'u', password: 'p', db: 2, tls: true }],
    ['options of TLS', { host: 'redis', tls: { servername: 'redis.example' } }],
    ['an empty password', { host: 'redis', password: '' }],
    ['sentinels', { sentinels: [{ host: 's', port: 26379 }], name: 'mymaster', db: 1 }],
    ['a cluster', { cluster: ['redis://a:7000', { host: 'b' }], password: 'p' }],
    ['options of a cluster', { cluster: [{ host: 'b' }], options: { natMap: {} } }],
  ];

  it.each(valid)('takes %s', (_name, options) => {
    expect(() => assertConnectionOptions(options)).not.toThrow();
  });

  it.each([
    ['connection', undefined],
    ['connection', 'redis://localhost'],
    ['connection', {}],
    ['connection', { url: 'redis://a', host: 'a' }],
    ['connection.url', { url: undefined }],
    ['connection.hots', { host: 'a', hots: 'b' }],
    ['connection.password', { url: 'redis://a', password: 'p' }],
    ['connection.host', { host: '' }],
    ['connection.port', { host: 'a', port: 0 }],
    ['connection.port', { host: 'a', port: '6379' }],
    ['connection.db', { host: 'a', db: -1 }],
    ['connection.username', { host: 'a', username: '' }],
    ['connection.password', { host: 'a', password: 5 }],
    ['connection.tls', { host: 'a', tls: 'yes' }],
    ['connection.name', { sentinels: [{ host: 'a' }] }],
    ['connection.sentinels', { sentinels: [], name: 'm' }],
    ['connection.sentinels[1].host', { sentinels: [{ host: 'a' }, {}], name: 'm' }],
    ['connection.cluster', { cluster: 'redis://a' }],
    ['connection.cluster[0]', { cluster: ['a:7000'] }],
    ['connection.cluster[0]', { cluster: [7000] }],
    ['connection.cluster[0].port', { cluster: [{ host: 'a', port: 70_000 }] }],
    ['connection.cluster[1]', { cluster: ['redis://a/0', 'redis://b/1'] }],
    ['connection.options', { host: 'a', options: 'none' }],
    ['connection.options.enableOfflineQueue', { host: 'a', options: { enableOfflineQueue: true } }],
    ['connection.options.retryStrategy', { url: 'redis://a', options: { retryStrategy: null } }],
    [
      'connection.options.redisOptions.maxRetriesPerRequest',
      { cluster: [{ host: 'a' }], options: { redisOptions: { maxRetriesPerRequest: null } } },
    ],
    ['connection.options.redisOptions', { cluster: [{ host: 'a' }], options: { redisOptions: 1 } }],
  ])('names %s for %p', (option, raw) => {
    const error = thrownBy(raw);
    expect(error).toBeInstanceOf(InvalidCacheOptionsError);
    expect((error as InvalidCacheOptionsError).option).toBe(option);
  });

  it.each([
    { host: 'a', pasword: 's3cret' },
    { host: 'a', password: ['s3cret'] },
    { url: 'redis://:s3cret@a:port' },
    { cluster: ['redis//:s3cret@a'] },
    's3cret',
    { host: 'a', options: 's3cret' },
  ])('shows nothing that may be a secret', (raw) => {
    expect(inspect(thrownBy(raw), { depth: 9 })).not.toContain('s3cret');
  });
});

function thrownBy(raw: unknown): unknown {
  try {
    assertConnectionOptions(raw);
  } catch (error) {
    return error;
  }
  throw new Error('It did not throw.');
}
