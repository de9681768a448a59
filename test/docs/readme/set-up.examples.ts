import dns from 'node:dns';
import { Injectable, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Redis } from 'ioredis';
import { Cache, CacheService, InjectCache, type RedisConnectionOptions } from 'nestjs-redis-cache';
import { bootCacheApp, inMode } from '../../integration/support/cache-app.js';
import { RawRedis } from '../../integration/support/raw-redis.js';
import { CacheApps, ownPrefix } from '../../support/cache-apps.js';
import { until } from '../../support/until.js';
import type { Guide } from '../guide.js';

interface Root {
  readonly AppModule: Type;
}

interface Connections {
  readonly connections: Readonly<Record<string, RedisConnectionOptions>>;
}

interface LeadLike {
  readonly id: string;
  readonly initial: string;
}

interface Values {
  readonly LeadService: Type<{ byId(id: string): Promise<LeadLike> }>;
}

type OwnOrGiven = Exclude<RedisConnectionOptions, false>;

const MINUTE_MS = 60_000;

@Injectable()
class Probe {
  constructor(@InjectCache('lead.byPhone') readonly leads: Cache) {}
}

export function setUpExamples(guide: Guide): void {
  const root = guide.program<Root>('Set up');
  const asynchronous = guide.program<Root>('Set up', 1);
  const connecting = guide.program<Connections>('Set up', 2);

  describe('set up', () => {
    it('has a module whose caches live by their policies, and can be injected', async () => {
      const { app, caches } = await boot(root.run().AppModule);
      const raw = new RawRedis(String(process.env.REDIS_URL), 'crm');
      const leads = app.get(Probe).leads;
      const organizations = caches.cache<object>('organization.byPhone');

      await caches.runWithTenant('acme', () => leads.set('+1', { name: 'Ada' }));
      await organizations.set('+1', { id: 'acme' });
      await caches.forTenant('acme').set('k', 'v');

      const leftMs = (key: string) => raw.client.pttl(`crm:{${key}}`);
      expect(await leftMs('acme/lead.byPhone@1/+1')).toBeCloseTo(75 * MINUTE_MS, -5);
      expect(await leftMs('/organization.byPhone@1/+1')).toBeCloseTo(30 * MINUTE_MS, -5);
      expect(await leftMs('acme/default@1/k')).toBeCloseTo(10 * MINUTE_MS, -5);
      const shared = await organizations.get('+1');
      expect(shared).toEqual({ id: 'acme' });
      expect(Object.isFrozen(shared)).toBe(true);
      expect(await organizations.get('+1')).toBe(shared);
      await raw.close();
      await app.close();
    });

    it('has a module with options that come from elsewhere, and need not be there', async () => {
      const { AppModule } = asynchronous.run();
      const { app, caches } = await boot(AppModule);
      const leads = app.get(Probe).leads;
      expect(leads).toBeInstanceOf(Cache);
      await caches.runWithTenant('acme', () => leads.set('+1', 'Ada'));
      expect(await caches.forTenant('acme').cache('lead.byPhone').get('+1')).toBe('Ada');
      await app.close();

      const url = process.env.REDIS_URL;
      delete process.env.REDIS_URL;
      const failed = NestFactory.createApplicationContext(AppModule, {
        logger: false,
        abortOnError: false,
      });
      await expect(failed).rejects.toThrow('REDIS_URL');
      process.env.REDIS_URL = url;
    });

    it('has connections that are taken as they stand', async () => {
      const { connections } = connecting.run();
      const { none, ...others } = connections;
      expect(none).toBe(false);
      const servers = {
        url: ['redis.example.com'],
        host: ['redis.example.com'],
        sentinel: ['sentinel-1', 'sentinel-2'],
        cluster: ['node-1', 'node-2'],
        client: ['localhost'],
      };
      expect(Object.keys(others)).toEqual(Object.keys(servers));
      for (const [name, expected] of Object.entries(servers)) {
        await untilLookedFor(expected, others[name] as OwnOrGiven);
      }
      // It is used as it is and never closed.
      const client = connections.client as Redis;
      expect(client.status).not.toBe('end');
      client.disconnect();
    });
  });

  describe('values', () => {
    const apps = new CacheApps();
    const values = guide.program<Values>('Values');

    it('has instances that come back with their prototype, out of Redis too', async () => {
      const { LeadService } = values.run();
      const prefix = ownPrefix();
      const leads: LeadLike[] = [];
      for (const hits of [0, 1]) {
        const app = await apps.boot({ tier: 'redis', cache: { prefix }, providers: [LeadService] });
        const service = app.get(LeadService);
        leads.push(await app.caches.runWithTenant('acme', () => service.byId('7')));
        expect(app.counters('lead.byId').farHits).toBe(hits);
      }
      expect(leads.map(({ initial }) => initial)).toEqual(['A', 'A']);
      const [loaded, hit] = leads;
      expect(Object.getPrototypeOf(hit)).toBe(Object.getPrototypeOf(loaded));
      expect(hit).toEqual(loaded);
    });
  });
}

/** Resolves when a connection has looked for all these servers, where nobody knows any. */
async function untilLookedFor(servers: readonly string[], given: OwnOrGiven): Promise<void> {
  const asked = new Set<string>();
  const lookup = jest.spyOn(dns, 'lookup').mockImplementation(((name, _options, done) => {
    asked.add(name);
    process.nextTick(done, new Error(`${name} is unknown, by command of the test`));
  }) as typeof dns.lookup);
  // ioredis has taken hold of the other one.
  const ofCluster = 'cluster' in given && Array.isArray(given.cluster);
  const connection = ofCluster ? { ...given, options: { dnsLookup: dns.lookup } } : given;
  const app = await bootCacheApp({ connection, coherence: 'ttl' });
  expect(app.get(CacheService).getStats().mode).toBe('fallback');
  await until(() => servers.every((server) => asked.has(server)));
  await app.close();
  lookup.mockRestore();
}

/** An application of a module, with a provider in it that has a cache injected. */
async function boot(AppModule: Type) {
  const imports = Reflect.getMetadata('imports', AppModule) as ModuleMetadata['imports'];
  @Module({ imports, providers: [Probe] })
  class WithProbe {}
  const app = await NestFactory.createApplicationContext(WithProbe, { logger: false });
  const caches = app.get(CacheService);
  await inMode(caches, 'redis');
  return { app, caches };
}
