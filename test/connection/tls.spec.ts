import type { INestApplicationContext } from '@nestjs/common';
import { Redis } from 'ioredis';
import { CacheService, type RedisConnectionOptions } from 'nestjs-redis-cache';
import type { Finding } from '../../libs/redis-cache/src/cli/finding.js';
import type { ValidateReport } from '../../libs/redis-cache/src/cli/validate.report.js';
import { runForJson } from '../cli/support/run-command.js';
import { bootCacheApp, inMode } from '../integration/support/cache-app.js';
import { eventually } from '../integration/support/eventually.js';
import { PATIENCE } from '../integration/support/patience.js';
import { hasRedisBinary } from '../support/redis/redis-server.js';
import { TLS, TLS_FILES, TlsServer } from '../support/tls/tls-server.js';

const suite = hasRedisBinary() ? describe : describe.skip;

suite('Redis behind TLS', () => {
  let server: TlsServer;
  let admin: Redis;
  let app: INestApplicationContext | undefined;

  const start = async (options?: { clients: boolean }) => {
    server = await TlsServer.start(options);
    admin = new Redis(server.plain.url);
  };
  afterEach(async () => {
    await app?.close();
    app = undefined;
    admin.disconnect();
    await server.plain.stop();
  });

  const boot = async (connection: RedisConnectionOptions) => {
    app = await bootCacheApp({ connection, ...PATIENCE });
    return app.get(CacheService);
  };

  /** Connections of the cache, and how many of them are encrypted. */
  const connections = async () => {
    const lines = String(await admin.client('LIST')).split('\n');
    const own = lines.filter((line) => line.includes('name=nestjs-redis-cache'));
    return [own.length, own.filter((line) => line.includes(`:${server.port} `)).length];
  };

  it.each<[string, (port: number) => RedisConnectionOptions]>([
    [
      'a URL',
      (port) => ({ url: `rediss://127.0.0.1:${port}`, options: { tls: { ca: TLS.authority } } }),
    ],
    ['an address', (port) => ({ host: '127.0.0.1', port, tls: { ca: TLS.authority } })],
  ])('is used over encrypted connections alone, by %s', async (_by, options) => {
    await start();
    const caches = await boot(options(server.port));
    await inMode(caches, 'redis');
    await caches.forTenant('acme').set('k', 'v');
    expect(await admin.exists('cache:{acme/default@1/k}')).toBe(1);
    await eventually('the bus is heard', () => caches.getStats().bus.trusted);
    expect(await connections()).toEqual([2, 2]);
  });

  it('is shown a certificate where it wants one', async () => {
    await start({ clients: true });
    const tls = { ca: TLS.authority, cert: TLS.clientCertificate, key: TLS.clientKey };
    const caches = await boot({ url: server.url, options: { tls } });
    await inMode(caches, 'redis');
    expect((await connections())[0]).toBeGreaterThan(0);
  });

  it('is not used where its certificate is of nobody who is trusted, and calls go on', async () => {
    await start();
    const caches = await boot({ url: server.url });
    await eventually('it is known', () => caches.getStats().mode === 'fallback');
    expect(await caches.forTenant('acme').wrap('k', () => 'loaded')).toBe('loaded');
    expect(await admin.dbsize()).toBe(0);
    expect(await connections()).toEqual([0, 0]);
  });

  describe('by the command line', () => {
    const transport = async (...flags: string[]): Promise<Finding[]> => {
      const { body } = await runForJson(['validate', '--url', server.url, ...flags]);
      return (body as ValidateReport).findings.filter(({ check }) => check === 'transport');
    };

    it('is found to be checked, and for how long its certificate holds', async () => {
      await start();
      expect(await transport('--tls-ca', TLS_FILES.authority)).toEqual([
        { check: 'transport', severity: 'ok', found: 'TLS, certificate checked' },
        expect.objectContaining({ severity: 'info' }),
        {
          check: 'transport',
          severity: 'ok',
          found: expect.stringMatching(
            /^the certificate of Redis expires in 3\d{4} days$/,
          ) as string,
        },
      ]);
    });

    it('is warned about where its certificate is not checked', async () => {
      await start();
      expect((await transport('--tls-insecure'))[0]).toMatchObject({
        severity: 'error',
        found: 'TLS, and the certificate is not checked: anybody can pose as Redis',
      });
    });

    it('is shown a certificate where it wants one', async () => {
      await start({ clients: true });
      const shown = ['--tls-cert', TLS_FILES.clientCertificate, '--tls-key', TLS_FILES.clientKey];
      expect((await transport('--tls-ca', TLS_FILES.authority, ...shown))[0]?.severity).toBe('ok');
    });
  });
});
