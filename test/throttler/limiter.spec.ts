import { setTimeout as sleep } from 'node:timers/promises';
import {
  InvalidCacheKeyError,
  InvalidCacheOptionsError,
  runWithTenant,
  TenantMissingError,
} from 'nestjs-redis-cache';
import type { RateLimit } from 'nestjs-redis-cache/throttler';
import { CacheApps } from '../support/cache-apps.js';
import { LimitApp, LimitsInRedis } from './support/limit-app.js';

const WINDOW_MS = 600_000;
const CHAT: RateLimit = { name: 'chat', limit: 3, window: WINDOW_MS };
const STRICT: RateLimit = { ...CHAT, name: 'strict', block: '20m' };
const ACME = { tenant: 'acme' };

describe('RateLimiter, with Redis', () => {
  const apps = new CacheApps();
  let redis: LimitsInRedis;
  let one: LimitApp;

  beforeAll(() => {
    redis = new LimitsInRedis();
  });
  beforeEach(async () => {
    one = await LimitApp.boot(apps);
  });
  afterAll(() => redis.close());

  const callsKey = (limit = CHAT, key = 'u') => one.keys.limitCalls('acme', limit.name, key);
  const consume = (limit = CHAT, key = 'u') => one.limiter.consume(key, limit, ACME);
  const allowed = async (count: number, limit?: RateLimit) => {
    const answers: boolean[] = [];
    for (let i = 0; i < count; i++) answers.push((await consume(limit)).allowed);
    return answers;
  };

  describe('consume', () => {
    it('says what is left, and until when', async () => {
      expect(await consume()).toEqual({
        allowed: true,
        limit: 3,
        remaining: 2,
        resetMs: WINDOW_MS,
        countedBy: 'redis',
      });
      expect(await consume()).toMatchObject({ allowed: true, remaining: 1 });
      expect(await consume()).toMatchObject({ allowed: true, remaining: 0 });
      const refused = await consume();
      expect(refused).toEqual({
        allowed: false,
        limit: 3,
        remaining: 0,
        resetMs: refused.resetMs,
        retryAfterMs: refused.resetMs,
        blocked: false,
        countedBy: 'redis',
      });
      expect(refused.resetMs).toBeGreaterThan(WINDOW_MS - 30_000);
      expect(refused.resetMs).toBeLessThanOrEqual(WINDOW_MS);
    });

    it('counts by the clock of the server, call by call, as each leaves the window', async () => {
      await redis.putCalls(callsKey(), [WINDOW_MS + 1, WINDOW_MS - 60_000, 10_000]);
      expect(await consume()).toMatchObject({ allowed: true, remaining: 0 });
      const refused = await consume();
      expect(refused).toMatchObject({ allowed: false });
      expect(refused.resetMs).toBeGreaterThan(30_000);
      expect(refused.resetMs).toBeLessThanOrEqual(60_000);
      expect(await redis.client.llen(callsKey())).toBe(3);
    });

    it('allows a call after the time that it says, and not before', async () => {
      const short = { ...CHAT, window: 200 };
      let call = await consume(short);
      expect(call).toMatchObject({ allowed: true, resetMs: 200 });
      while (call.allowed) call = await consume(short);
      await sleep(call.retryAfterMs + 1);
      expect(await consume(short)).toMatchObject({ allowed: true });
    });

    it('finds the first call within a long list', async () => {
      const many = { ...CHAT, limit: 1_000 };
      const gone = Array.from({ length: 700 }, (_, i) => WINDOW_MS + 700 - i);
      const here = Array.from({ length: 299 }, (_, i) => 100_000 - i);
      await redis.putCalls(callsKey(many), [...gone, ...here]);
      expect(await consume(many)).toMatchObject({ allowed: true, remaining: 700 });
      expect(await redis.client.llen(callsKey(many))).toBe(300);
    });

    it('shuts out for as long as the limit says, whatever leaves the window meanwhile', async () => {
      expect(await allowed(3, STRICT)).toEqual([true, true, true]);
      const refused = await consume(STRICT);
      expect(refused).toMatchObject({ allowed: false, blocked: true });
      expect(refused.resetMs).toBe(1_200_000);
      await redis.client.del(callsKey(STRICT));
      expect(await consume(STRICT)).toMatchObject({ allowed: false, blocked: true });
      await redis.client.del(one.keys.limitBlock(callsKey(STRICT)));
      expect(await consume(STRICT)).toMatchObject({ allowed: true });
    });

    it('shuts out until the window would allow a call, where the block is shorter', async () => {
      await redis.putCalls(callsKey(STRICT), [WINDOW_MS - 60_000, 20, 10]);
      const refused = await consume({ ...STRICT, block: 1 });
      expect(refused).toMatchObject({ blocked: true });
      expect(refused.resetMs).toBeGreaterThan(30_000);
    });

    it('keeps no more than the calls within the window, and nothing without an end', async () => {
      await allowed(20);
      await allowed(4, STRICT);
      await one.limiter.consume('u', { ...CHAT, scope: 'global' });
      const found = await redis.keysUnder(one.keys.prefix);
      expect(found).toEqual(
        [
          one.keys.limitCalls(null, 'chat', 'u'),
          callsKey(STRICT).replace(':calls', ':block'),
          callsKey(STRICT),
          callsKey(),
        ].sort(),
      );
      for (const key of found) {
        const leftMs = await redis.client.pttl(key);
        expect(leftMs).toBeGreaterThan(0);
        expect(leftMs).toBeLessThanOrEqual(1_200_000);
      }
      expect(await redis.client.llen(callsKey())).toBe(3);
      expect(await redis.client.object('ENCODING', callsKey())).toMatch(/quicklist|listpack/);
    });

    it('goes on where the clock of the server was set back', async () => {
      await redis.putCalls(callsKey(), [-3_600_000 + 40_000, -3_600_000 + 20_000, -3_600_000]);
      const refused = await consume();
      expect(refused).toMatchObject({ allowed: false });
      expect(refused.resetMs).toBeGreaterThan(WINDOW_MS - 50_000);
      expect(refused.resetMs).toBeLessThanOrEqual(WINDOW_MS - 40_000);
      const newest = Number(await redis.client.lindex(callsKey(), -1));
      expect(newest).toBeLessThanOrEqual(await redis.nowUs());
    });

    it('takes a lowered limit and a raised one', async () => {
      await allowed(3);
      expect(await consume({ ...CHAT, limit: 2 })).toMatchObject({ allowed: false, remaining: 0 });
      expect(await consume({ ...CHAT, limit: 5 })).toMatchObject({ allowed: true, remaining: 1 });
      expect(await consume({ ...CHAT, limit: 0 })).toMatchObject({ allowed: false });
    });

    it('goes on by itself where something else stands under its key', async () => {
      await redis.client.set(callsKey(), 'no list');
      const answers = [await consume(), await consume(), await consume(), await consume()];
      expect(answers.map((answer) => [answer.allowed, answer.countedBy])).toEqual([
        [true, 'memory'],
        [true, 'memory'],
        [true, 'memory'],
        [false, 'memory'],
      ]);
    });
  });

  describe('counts apart', () => {
    it('tenants, users, limits, and what belongs to nobody', async () => {
      await allowed(3);
      const others = [
        one.limiter.consume('u', CHAT, { tenant: 'globex' }),
        one.limiter.consume('v', CHAT, ACME),
        one.limiter.consume('u', { ...CHAT, name: 'other' }, ACME),
        one.limiter.consume('u', { ...CHAT, scope: 'global' }),
      ];
      for (const other of await Promise.all(others)) expect(other).toMatchObject({ remaining: 2 });
      expect(await consume()).toMatchObject({ allowed: false });
    });

    it('whatever characters stand in their names', async () => {
      const look = (tenant: string, name: string, key: string) =>
        one.limiter.consume(key, { ...CHAT, name }, { tenant });
      const pairs: [string, string, string][] = [
        ['a', 'b/c', 'd'],
        ['a/b', 'c', 'd'],
        ['a', 'b', 'c/d'],
        ['a', '!b', 'c'],
        ['a', 'b', '!c'],
        ['a}:calls', 'b', 'c'],
      ];
      for (const pair of pairs) expect(await look(...pair)).toMatchObject({ remaining: 2 });
    });

    it('nothing without a tenant', async () => {
      await expect(one.limiter.consume('u', CHAT)).rejects.toThrow(TenantMissingError);
      await expect(one.limiter.peek('u', CHAT)).rejects.toThrow(
        /^peek of the rate limit 'chat' needs a tenant/,
      );
      await expect(one.limiter.reset('u', CHAT)).rejects.toThrow(TenantMissingError);
      expect(await redis.keysUnder(one.keys.prefix)).toEqual([]);
    });

    it('by the tenant of the calling code', async () => {
      await runWithTenant('acme', () => one.limiter.consume('u', CHAT));
      expect(await consume()).toMatchObject({ remaining: 1 });
    });

    it('no processes: they count together', async () => {
      const other = await LimitApp.boot(apps, one.keys.prefix);
      await allowed(2);
      expect(await other.limiter.consume('u', CHAT, ACME)).toMatchObject({ remaining: 0 });
      expect(await consume()).toMatchObject({ allowed: false });
    });
  });

  describe('peek', () => {
    it('says what a call would come to, and changes nothing', async () => {
      const peek = () => one.limiter.peek('u', STRICT, ACME);
      expect(await peek()).toEqual({
        allowed: true,
        limit: 3,
        remaining: 3,
        resetMs: 0,
        countedBy: 'redis',
      });
      expect(await redis.keysUnder(one.keys.prefix)).toEqual([]);
      await allowed(1, STRICT);
      expect(await peek()).toMatchObject({ allowed: true, remaining: 2 });
      await allowed(2, STRICT);
      expect(await peek()).toMatchObject({ allowed: false, blocked: false });
      await allowed(1, STRICT);
      expect(await peek()).toMatchObject({ allowed: false, blocked: true });
    });

    it('leaves out what has left the window', async () => {
      await redis.putCalls(callsKey(), [WINDOW_MS + 1, 10_000]);
      expect(await one.limiter.peek('u', CHAT, ACME)).toMatchObject({ remaining: 2 });
      expect(await redis.client.llen(callsKey())).toBe(2);
    });
  });

  describe('reset', () => {
    it('forgets calls and block, for all processes', async () => {
      const other = await LimitApp.boot(apps, one.keys.prefix);
      await allowed(4, STRICT);
      expect(await other.limiter.consume('u', STRICT, ACME)).toMatchObject({ blocked: true });
      expect(await one.limiter.reset('u', STRICT, ACME)).toBe(true);
      expect(await redis.keysUnder(one.keys.prefix)).toEqual([]);
      expect(await other.limiter.consume('u', STRICT, ACME)).toMatchObject({ remaining: 2 });
      expect(await consume(STRICT)).toMatchObject({ remaining: 1 });
    });
  });

  describe('evictions', () => {
    it('by pattern, tag and tenant leave limits as they are, and a purge erases them', async () => {
      const acme = one.app.caches.forTenant('acme');
      await allowed(4, STRICT);
      await one.limiter.consume('u', STRICT, { tenant: 'globex' });
      await acme.evictPattern('*');
      await acme.evictTags(['u']);
      await acme.evictTenant();
      expect(await consume(STRICT)).toMatchObject({ blocked: true });
      await acme.purgeTenant();
      const left = (await redis.keysUnder(one.keys.prefix)).map((key) => one.keys.parse(key));
      expect(left.filter((key) => key?.kind !== 'tenantStamp')).toEqual([
        { kind: 'limitCalls', tenant: 'globex', limit: 'strict', key: 'u' },
      ]);
      expect(await consume(STRICT)).toMatchObject({ remaining: 2 });
    });
  });

  it.each<[string, RateLimit, new (...args: never[]) => Error]>([
    ['a limit that is none', { ...CHAT, limit: -1 }, InvalidCacheOptionsError],
    ['a window that is none', { ...CHAT, window: 0 }, InvalidCacheOptionsError],
  ])('refuses %s', async (_what, limit, error) => {
    await expect(one.limiter.consume('u', limit, ACME)).rejects.toThrow(error);
    await expect(one.limiter.peek('u', limit, ACME)).rejects.toThrow(error);
    await expect(one.limiter.reset('u', limit, ACME)).rejects.toThrow(error);
  });

  it('refuses keys that tell nobody apart', async () => {
    await expect(one.limiter.consume(undefined as never, CHAT, ACME)).rejects.toThrow(
      InvalidCacheKeyError,
    );
    await expect(one.limiter.consume('u', CHAT, { tenant: '' })).rejects.toThrow(
      InvalidCacheKeyError,
    );
  });
});
