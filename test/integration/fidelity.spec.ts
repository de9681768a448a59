import type { INestApplicationContext } from '@nestjs/common';
import { CacheService, type Cache, type CachePolicy } from 'nestjs-redis-cache';
import { expectExact } from '../support/exact-equality.js';
import { fidelityCorpus, refusedCorpus } from '../support/fidelity-corpus.js';
import { bootCacheApp, inMode } from './support/cache-app.js';
import { NodeProcess } from './support/node-process.js';
import { PATIENCE } from './support/patience.js';
import { RawRedis } from './support/raw-redis.js';
import { vandalize } from './support/vandalize.js';

jest.setTimeout(60_000);

const url = process.env.REDIS_URL ?? '';
const TENANT = 'acme';
const CACHE = 'fidelity';

const POLICIES: [string, CachePolicy][] = [
  ['both tiers', {}],
  ['a near tier that shares', { near: { share: true } }],
  ['near: false', { near: false }],
  ['near: false, compressed', { near: false, compressFromBytes: 0 }],
];

describe.each(POLICIES)('what goes in comes out, with %s', (name, defaults) => {
  const prefix = `${process.env.TEST_RUN_PREFIX ?? 'test'}-fidelity-${POLICIES.findIndex(([n]) => n === name)}`;
  const options = { connection: { url }, prefix, defaults, ...PATIENCE };
  let apps: INestApplicationContext[];
  let raw: RawRedis;
  /** Has stored the value, and so has it near. */
  let first: Cache;
  /** Has it from Redis. */
  let second: Cache;

  beforeAll(async () => {
    raw = new RawRedis(url, prefix);
    apps = await Promise.all([bootCacheApp(options), bootCacheApp(options)]);
    const caches = apps.map((app) => app.get(CacheService));
    await Promise.all(caches.map((service) => inMode(service, 'redis')));
    const named = caches.map((service) => service.forTenant(TENANT).cache(CACHE));
    [first, second] = named as [Cache, Cache];
  });
  afterAll(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await raw.close();
  });

  const noLoad = (): never => {
    throw new Error('A hit must not load');
  };

  describe.each(fidelityCorpus)('$name', ({ name: key, make }) => {
    it('is the same on a miss, for those who joined it, and on each hit', async () => {
      const [miss, joined] = await Promise.all([first.wrap(key, make), first.wrap(key, noLoad)]);
      const near = await first.wrap(key, noLoad);
      const far = await second.wrap(key, noLoad);
      const again = await second.wrap(key, noLoad);
      for (const value of [miss, joined, near, far, again, await second.get(key)]) {
        expectExact(value, make());
      }
    });

    it('stays as it is when its callers, and its source, change what they have', async () => {
      const loaded = make();
      const changed = `${key}, changed`;
      const callers = [
        () => first.wrap(changed, () => loaded),
        () => first.wrap(changed, noLoad),
        () => second.wrap(changed, noLoad),
        () => second.wrap(changed, noLoad),
      ];
      for (const call of callers) {
        const value = await call();
        expectExact(value, make());
        vandalize(value);
        vandalize(loaded);
      }
      expectExact(await first.wrap(changed, noLoad), make());
      expectExact(await second.wrap(changed, noLoad), make());
    });
  });

  it('is the same in another process', async () => {
    const source = { url, name: `${prefix}-source` };
    const process = await NodeProcess.boot({ ...options, source });
    try {
      expect(await process.node.unfaithful(TENANT)).toEqual([]);
    } finally {
      await process.end();
    }
  });

  it.each(refusedCorpus)('$name is answered as it is, and not stored', async ({ name, make }) => {
    const value = make();
    expect(await first.wrap([name], () => value)).toBe(value);
    expect(await raw.client.exists(raw.entryKey(TENANT, [name], CACHE))).toBe(0);
    expect(await first.exists([name])).toBe(false);
  });
});
