import { setImmediate } from 'node:timers/promises';
import {
  InvalidCacheOptionsError,
  TenantMissingError,
  currentTenant,
  type CachePolicy,
  type LoadContext,
  type CacheService,
} from 'nestjs-redis-cache';
import { CacheApps, TIERS } from '../support/cache-apps.js';
import { until } from '../support/until.js';

describe.each(TIERS)('CacheService.wrap (%s)', (tier) => {
  const apps = new CacheApps();
  let caches: CacheService;

  beforeEach(async () => {
    ({ caches } = await apps.boot({ tier }));
  });

  const acme = () => caches.forTenant('acme');

  it('loads a missing value once, and answers from the cache after it', async () => {
    const load = jest.fn(() => Promise.resolve({ n: 1 }));
    expect(await acme().wrap('k', load)).toEqual({ n: 1 });
    expect(await acme().wrap('k', load)).toEqual({ n: 1 });
    expect(await acme().get('k')).toEqual({ n: 1 });
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('takes a function that is not asynchronous', async () => {
    expect(await acme().wrap('k', () => 'v')).toBe('v');
  });

  it('passes on an error unchanged, does not cache it, and loads again', async () => {
    const error = Object.freeze(new Error('database away'));
    await expect(acme().wrap('k', () => Promise.reject(error))).rejects.toBe(error);
    expect(await acme().wrap('k', () => 'v')).toBe('v');
  });

  it('tells the load by a signal when to give up, and runs it for the tenant', async () => {
    const load = jest.fn(({ signal }: LoadContext) => [signal.aborted, currentTenant()]);
    expect(await acme().wrap('k', load)).toEqual([false, 'acme']);
    expect(load).toHaveBeenCalledWith({ signal: expect.any(AbortSignal) as unknown });
  });

  it.each([
    ['a ttl of 0', 0],
    ["a ttl of '0s'", '0s' as const],
    ['a policy with such a ttl', { ttl: 0 }],
    ['a policy that its value exceeds', { maxBytes: 1 }],
  ])('answers and stores nothing with %s', async (_what, ttlOrPolicy) => {
    const load = jest.fn(() => 'value');
    for (let i = 0; i < 2; i++) expect(await acme().wrap('k', load, ttlOrPolicy)).toBe('value');
    expect(load).toHaveBeenCalledTimes(2);
    expect(await acme().exists('k')).toBe(false);
  });

  it('lives for as long as a function of the value says, and is not stored unless another allows it', async () => {
    const ttl = (value: string) => (value === 'short' ? ('1m' as const) : 0);
    for (const value of ['short', 'none'])
      expect(await acme().wrap(value, () => value, { ttl })).toBe(value);
    const { near, far } = await acme().explain('default', 'short');
    const { ttlLeftMs } = (tier === 'redis' ? far : near) as { ttlLeftMs: number };
    expect(ttlLeftMs).toBeLessThanOrEqual(60_000);
    expect(await acme().exists('none')).toBe(false);
    const unless = (value: string) => value === 'refused';
    await acme().wrap('kept', () => 'kept', { unless });
    await acme().wrap('refused', () => 'refused', { unless });
    expect([await acme().exists('kept'), await acme().exists('refused')]).toEqual([true, false]);
  });

  it('tells what is left of the ttl, and refreshes behind a read that finds too little', async () => {
    expect(await acme().getWithTtl('k')).toBeUndefined();
    const load = jest.fn(() => 'v1');
    const wrap = (refreshWithin: number) => acme().wrap('k', load, { ttl: '1m', refreshWithin });
    await wrap(30_000);
    expect(await wrap(30_000)).toBe('v1');
    expect(load).toHaveBeenCalledTimes(1);
    load.mockReturnValue('v2');
    expect(await wrap(60_000)).toBe('v1');
    while ((await acme().get('k')) !== 'v2') await setImmediate();
    expect(load).toHaveBeenCalledTimes(2);
    const found = await acme().getWithTtl('k');
    expect(found?.value).toBe('v2');
    expect(found?.ttlLeftMs).toBeGreaterThan(0);
    expect(found?.ttlLeftMs).toBeLessThanOrEqual(60_000);
  });

  it('refuses a refreshWithin that is no span of time', async () => {
    const load = jest.fn();
    const refused = acme().wrap('k', load, { refreshWithin: -1 });
    await expect(refused).rejects.toThrow(InvalidCacheOptionsError);
    expect(load).not.toHaveBeenCalled();
  });

  it('does not hold up the end of the application by a refresh that never ends', async () => {
    const app = await apps.boot({ tier, cache: { timeouts: { command: '10s', close: '50ms' } } });
    const policy = { ttl: '1h', refreshAhead: 1e-12 } as const;
    const read = (load: () => unknown) => app.caches.forTenant('acme').wrap('k', load, policy);
    await read(() => 'v');
    const neverEnding = jest.fn(() => new Promise(() => undefined));
    // Redis has the time of its making rounded to the millisecond: it may not be due at once.
    await until(() => {
      if (neverEnding.mock.calls.length === 0) void read(neverEnding);
      return neverEnding.mock.calls.length > 0;
    });
    await app.nest.close();
    expect(await read(() => 'direct')).toBe('direct');
  });

  it('shares one frozen object by a policy for this call', async () => {
    const policy = { near: { share: true } };
    const first = await acme().wrap('k', () => ({ deep: { n: 1 } }), policy);
    const second = await acme().wrap('k', () => ({ deep: { n: 2 } }), policy);
    expect(second).toBe(first);
    expect(Object.isFrozen(first.deep)).toBe(true);
  });

  it('cannot turn the cache of one tenant into that of all', async () => {
    const everything: CachePolicy = { ttl: '1m', scope: 'global' };
    const load = jest.fn();
    // @ts-expect-error -- the compiler sees it as well
    const refused = acme().wrap('k', load, everything);
    await expect(refused).rejects.toThrow(
      new InvalidCacheOptionsError(
        'policy of default.wrap.scope',
        'global',
        'not to be stated for a single call',
        `It holds for all users of a cache: say it in the module's caches.`,
      ),
    );
    expect(load).not.toHaveBeenCalled();
    await expect(caches.get('k')).rejects.toBeInstanceOf(TenantMissingError);
  });
});
