import { createHash } from 'node:crypto';
import type { INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  CacheRolloutService,
  CacheService,
  RedisCacheModule,
  runWithTenant,
  type RedisCacheModuleOptions,
  type RolloutPolicy,
} from 'nestjs-redis-cache';
import { bucketOf } from '../../libs/redis-cache/src/rollout/tenant-bucket.js';
import { inMode } from '../integration/support/cache-app.js';
import { ownPrefix } from '../support/cache-apps.js';
import { until } from '../support/until.js';
import { fieldsOf } from './declared-fields.js';
import { entriesInRedis } from './entries-in-redis.js';
import { describeGuide } from './guide.js';
import { sectionOf, tableOf } from './markdown.js';
import { waitLongerByDefault } from './patient-defaults.js';

interface Leads {
  readonly names: Map<string, string>;
  byPhone(phone: string): Promise<string | undefined>;
  rename(phone: string, name: string): Promise<void>;
}

interface Steps {
  measure(): Promise<unknown>;
  wouldHit(): number;
  begin(): Promise<unknown>;
  grow(percent: number): Promise<unknown>;
  finish(): Promise<unknown>;
  rollBack(): Promise<unknown>;
  reset(): Promise<unknown>;
}

interface Beginning {
  readonly LeadService: Type<Leads>;
  readonly LeadModule: Type;
}

interface Way {
  readonly LeadRollout: new (rollout: CacheRolloutService, caches: CacheService) => Steps;
}

interface Configuration {
  readonly rolloutOf: (env: NodeJS.ProcessEnv) => RolloutPolicy;
}

interface Switch {
  readonly cacheOptions: (env: NodeJS.ProcessEnv) => RedisCacheModuleOptions;
}

describeGuide('docs/rollout.md', (guide) => {
  const beginning = guide.program<Beginning>('The way');
  const way = guide.program<Way>('The way', 1);
  const configuration = guide.program<Configuration>('By configuration');
  const withoutRedis = guide.program<Switch>('Without Redis for a while');
  let app: INestApplicationContext | undefined;

  beforeAll(waitLongerByDefault);
  afterEach(() => app?.close());

  it('has code that goes the whole way and back', async () => {
    process.env.CACHE_PREFIX = ownPrefix();
    const { LeadModule, LeadService } = beginning.run();
    const { LeadRollout } = way.run();
    app = await NestFactory.createApplicationContext(LeadModule, { logger: false });
    const caches = app.get(CacheService);
    await inMode(caches, 'redis');
    const leads = app.get(LeadService);
    const steps = new LeadRollout(app.get(CacheRolloutService), caches);
    /** For whom a second read is spared, which the change behind its back shows. */
    const served = async (...tenants: string[]) => {
      const answers: string[] = [];
      for (const tenant of tenants) {
        leads.names.set('+1', 'before');
        const read = () => runWithTenant(tenant, () => leads.byPhone('+1'));
        await runWithTenant(tenant, () => leads.rename('+1', 'before'));
        await read();
        leads.names.set('+1', 'behind its back');
        if ((await read()) === 'before') answers.push(tenant);
      }
      return answers;
    };
    // By the numbers that the guide tells how to find.
    const [acme, early, late] = ['acme', 'tenant-0', 'tenant-3'];
    expect(bucketOf(early)).toBeLessThan(bucketOf(late));
    const between = Math.ceil((bucketOf(early) + 1) / 100);
    expect(await served(acme)).toEqual([]);
    await steps.measure();
    expect(await served(acme, late)).toEqual([]);
    expect(steps.wouldHit()).toBe(0.5);
    await steps.begin();
    expect(await served(acme, early, late)).toEqual([acme]);
    await steps.grow(between);
    expect(await served(acme, early, late)).toEqual([acme, early]);
    await steps.finish();
    expect(await served(acme, early, late)).toEqual([acme, early, late]);
    await steps.rollBack();
    expect(await served(acme, early, late)).toEqual([]);
    await steps.finish();
    expect(await served(late)).toEqual([late]);
    await steps.reset();
    expect(await served(late)).toEqual([]);
  });

  it('has code that reads variables', () => {
    const { rolloutOf } = configuration.run();
    expect(rolloutOf({})).toEqual({ mode: 'off', percent: undefined, tenants: undefined });
    const env = { LEAD_CACHE_MODE: 'on', LEAD_CACHE_PERCENT: '5', LEAD_CACHE_TENANTS: 'a,b' };
    expect(rolloutOf(env)).toEqual({ mode: 'on', percent: 5, tenants: ['a', 'b'] });
  });

  it('has options with which a variable takes Redis out, and has it told of evictions', async () => {
    const { cacheOptions } = withoutRedis.run();
    expect(cacheOptions({})).toEqual({ connection: { url: 'redis://localhost' }, far: true });
    expect(cacheOptions({ REDIS_ENABLED: 'false' })).toEqual({ connection: false, far: false });
    const prefix = ownPrefix();
    const boot = async (REDIS_ENABLED: string) => {
      const options = cacheOptions({ REDIS_ENABLED, REDIS_URL: process.env.REDIS_URL });
      const cache = RedisCacheModule.forRoot({ ...options, prefix });
      app = await NestFactory.createApplicationContext(cache, { logger: false });
      const caches = app.get(CacheService);
      await until(() => caches.getStats().connection === 'ready');
      return caches.forTenant('acme').cache('lead');
    };
    await (await boot('true')).set('1', 'Ada');
    await app?.close();
    const apart = await boot('false');
    expect(await apart.get('1')).toBeUndefined();
    await apart.set('2', 'Bob');
    expect(await entriesInRedis(prefix)).toEqual(['{acme/lead@1/1}']);
    await apart.del('1');
    expect([await apart.get('2'), await entriesInRedis(prefix)]).toEqual(['Bob', []]);
  });

  it('lists every field, with its default', () => {
    const rows = tableOf(sectionOf(guide.text, 'What is said'), 'field');
    const plain = (text = '') => text.replaceAll('`', '');
    const declared = fieldsOf('config/rollout-policy.ts', 'RolloutPolicy');
    expect(rows.map(([name, value]) => [plain(name), plain(value)])).toEqual(
      declared.map((field) => [field.name, plain(field.default)]),
    );
  });

  it('says how to find the number that the library has', () => {
    const digest = createHash('sha256').update('acme').digest('hex').slice(0, 8);
    const number = bucketOf('acme');
    expect(parseInt(digest, 16) % 10_000).toBe(number);
    expect(guide.text).toContain(
      `# ${digest}, which is ${parseInt(digest, 16)}: number ${number}, in from ${(number + 1) / 100} % on`,
    );
  });
});
