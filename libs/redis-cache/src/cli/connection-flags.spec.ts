import { targetOf, type ConnectionFlags } from './connection-flags.js';

describe('where Redis is', () => {
  it.each<[string, ConnectionFlags, Record<string, string>, object]>([
    [
      'by default',
      {},
      {},
      {
        kind: 'server',
        name: 'redis://127.0.0.1:6379',
        prefix: 'cache',
        timeoutMs: 2_000,
        connection: { host: '127.0.0.1', port: 6379, options: { connectTimeout: 2_000 } },
        security: { tls: false, verified: true, password: false },
        secrets: [],
      },
    ],
    [
      'by the environment',
      {},
      { REDIS_URL: 'rediss://h:1/3', CACHE_PREFIX: 'crm', REDIS_PASSWORD: 'p', REDIS_USERNAME: '' },
      {
        name: 'rediss://h:1/3',
        prefix: 'crm',
        connection: { host: 'h', port: 1, db: 3, password: 'p', tls: {} },
        secrets: ['p'],
      },
    ],
    [
      'by flags, which go before it',
      { url: ['redis://u:q@[::1]:2'], prefix: 'p', timeout: '500ms' },
      { REDIS_URL: 'redis://h:1', CACHE_PREFIX: 'crm', REDIS_PASSWORD: 'p' },
      {
        name: 'redis://[::1]:2',
        prefix: 'p',
        timeoutMs: 500,
        connection: { host: '::1', port: 2, username: 'u', password: 'q' },
      },
    ],
    [
      'as a cluster, by several nodes',
      { url: ['redis://:p@a:1,redis://b:2', 'redis://c'], cluster: true, tlsServername: 's' },
      {},
      {
        kind: 'cluster',
        name: 'the cluster of rediss://a:1, b:2, c:6379',
        connection: {
          cluster: [
            { host: 'a', port: 1 },
            { host: 'b', port: 2 },
            { host: 'c', port: 6379 },
          ],
          password: 'p',
          tls: { servername: 's' },
        },
        hosts: ['a', 'b', 'c'],
      },
    ],
    [
      'by sentinels, with all of the URL that is no address',
      { sentinel: ['a', '[::1]:5'], sentinelName: 'm', sentinelTls: true, tlsInsecure: true },
      { REDIS_URL: 'redis://u:p@unused/2', REDIS_SENTINEL_PASSWORD: 's' },
      {
        kind: 'sentinel',
        name: 'm of the sentinels a:26379, [::1]:5',
        connection: {
          sentinels: [
            { host: 'a', port: 26_379 },
            { host: '::1', port: 5 },
          ],
          name: 'm',
          db: 2,
          username: 'u',
          password: 'p',
          tls: { rejectUnauthorized: false },
          options: { sentinelPassword: 's', sentinelTLS: { rejectUnauthorized: false } },
        },
        security: { tls: true, verified: false, password: true },
        secrets: ['p', 's'],
      },
    ],
  ])('%s', (_how, flags, env, target) => {
    expect(targetOf(flags, env)).toMatchObject(target);
  });
});
