import { HttpException, Injectable } from '@nestjs/common';
import {
  Cacheable,
  CacheEvict,
  CachePut,
  InvalidCacheKeyError,
  TenantMissingError,
} from 'nestjs-redis-cache';
import { CacheApps, TIERS } from '../support/cache-apps.js';

@Injectable()
class LeadService {
  runs: unknown[][] = [];
  error: unknown;

  @Cacheable('lead.byId', { scope: 'global' })
  async byId(id: string): Promise<string> {
    return this.fail(id);
  }

  @Cacheable('lead.byId')
  synchronously(id: string): Promise<string> {
    this.runs.push([id]);
    throw this.error;
  }

  @CachePut('lead.byId', { key: (id: string) => id })
  async rename(id: string, _name: string): Promise<string> {
    return this.fail(id);
  }

  @CacheEvict('lead.byId')
  async remove(id: string): Promise<string> {
    return this.fail(id);
  }

  @CacheEvict('lead.byId', { beforeInvocation: true })
  async removeFirst(id: string): Promise<string> {
    return this.fail(id);
  }

  private async fail(id: string): Promise<string> {
    this.runs.push([id]);
    throw this.error;
  }
}

const METHODS = ['byId', 'synchronously', 'remove', 'removeFirst', 'rename'] as const;

describe.each(TIERS)('an error of a cached method, in %s', (tier) => {
  const apps = new CacheApps();

  const boot = async () => (await apps.boot({ tier, providers: [LeadService] })).get(LeadService);

  it.each<[string, unknown]>([
    ['an Error', new TypeError('no such lead')],
    ['a frozen Error', Object.freeze(new Error('frozen'))],
    ['an HttpException', new HttpException('gone', 410)],
    ['undefined', undefined],
    ['null', null],
    ['a string', 'no such lead'],
    ['a plain object', { code: 7 }],
  ])('reaches the caller as it is: %s', async (_, error) => {
    const leads = await boot();
    leads.error = error;
    for (const method of METHODS) {
      const settled = await Promise.allSettled([leads[method]('1', 'Ada')]);
      expect(settled).toEqual([{ status: 'rejected', reason: error }]);
      expect((settled[0] as PromiseRejectedResult).reason).toBe(error);
    }
    expect(leads.runs).toHaveLength(METHODS.length);
  });

  it('is not cached', async () => {
    const leads = await boot();
    leads.error = new Error('away');
    await expect(leads.byId('1')).rejects.toThrow('away');
    await expect(leads.byId('1')).rejects.toThrow('away');
    expect(leads.runs).toEqual([['1'], ['1']]);
  });
});

describe('a call without a tenant', () => {
  const apps = new CacheApps();

  @Injectable()
  class TenantService {
    readonly ran: string[] = [];

    @Cacheable('mine.byId')
    async byId(id: string): Promise<string> {
      return this.run(id);
    }

    @CachePut('mine.byId', { key: (id: string) => id })
    async rename(id: string, _name: string): Promise<string> {
      return this.run(id);
    }

    @CachePut('mine.byId', { resultKey: (id: string) => id })
    async create(id: string): Promise<string> {
      return this.run(id);
    }

    @CacheEvict('mine.byId')
    async remove(id: string): Promise<string> {
      return this.run(id);
    }

    @CacheEvict('mine.byId', { resultKey: (id: string) => id })
    async removeByResult(id: string): Promise<string> {
      return this.run(id);
    }

    @CacheEvict('mine.byId', { beforeInvocation: true })
    async removeFirst(id: string): Promise<string> {
      return this.run(id);
    }

    private run(id: string): string {
      this.ran.push(id);
      return id;
    }
  }

  it.each([
    ['@Cacheable', 'byId'],
    ['@CachePut', 'rename'],
    ['@CachePut', 'create'],
    ['@CacheEvict', 'remove'],
    ['@CacheEvict', 'removeByResult'],
    ['@CacheEvict', 'removeFirst'],
  ] as const)('is refused before the method runs: %s on %s', async (decorator, method) => {
    const mine = (await apps.boot({ providers: [TenantService] })).get(TenantService);
    const error = await mine[method]('1', 'Ada').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TenantMissingError);
    const operation = `${decorator} on TenantService.${method}`;
    expect(error).toMatchObject({
      name: 'TenantMissingError',
      code: 'TENANT_MISSING',
      operation,
      message:
        `${operation} needs a tenant, and none is set here. Run the code inside runWithTenant(tenant, fn), ` +
        'open the scope with tenantMiddleware() and fill it in a guard, pass { tenant } or forTenant(tenant), ' +
        `give the module a tenant.resolve, or declare the cache with scope: 'global' if its entries belong to nobody.`,
    });
    expect(mine.ran).toEqual([]);
  });
});

describe('arguments that make no key', () => {
  const apps = new CacheApps();

  @Injectable()
  class SearchService {
    ran = 0;

    @Cacheable('search.all', { scope: 'global' })
    async all(..._args: unknown[]): Promise<number> {
      return ++this.ran;
    }

    @Cacheable('search.keyed', {
      scope: 'global',
      key: (filter: { by: unknown }) => filter.by as string,
    })
    async keyed(_filter: { by: unknown }): Promise<number> {
      return ++this.ran;
    }

    @CachePut('search.all', { scope: 'global' })
    async put(_filter: unknown): Promise<number> {
      return ++this.ran;
    }

    @CacheEvict('search.all', { scope: 'global' })
    async evict(_filter: unknown): Promise<number> {
      return ++this.ran;
    }
  }

  const circle: { by?: { itself: unknown } } = {};
  circle.by = { itself: circle };

  const REMEDY =
    'Give a key function that picks what tells the entries apart, e.g. key: (lead) => lead.id.';

  it.each<[string, string, string, unknown[]]>([
    ['a function', 'argument 2.sort', 'is a function', ['a', { sort: () => 0 }]],
    ['a symbol', 'argument 1[1]', 'is a symbol', [['a', Symbol('b')]]],
    ['a cycle', 'argument 1.by.itself', 'holds itself', [circle]],
    ['an Error', 'argument 3', 'is an error', ['a', 'b', new Error('c')]],
  ])('are refused before the method runs, and named: %s', async (_, path, problem, args) => {
    const search = (await apps.boot({ providers: [SearchService] })).get(SearchService);
    const error = await search.all(...args).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidCacheKeyError);
    expect(error).toMatchObject({
      name: 'InvalidCacheKeyError',
      code: 'INVALID_KEY',
      path,
      message: `Cannot make a cache key: ${path} ${problem}. ${REMEDY}`,
    });
    expect(search.ran).toBe(0);
  });

  it.each(['put', 'evict'] as const)('are refused before a %s, too', async (method) => {
    const search = (await apps.boot({ providers: [SearchService] })).get(SearchService);
    await expect(search[method](() => 0)).rejects.toThrow(
      `Cannot make a cache key: argument 1 is a function. ${REMEDY}`,
    );
    expect(search.ran).toBe(0);
  });

  it.each([
    [
      undefined,
      'key is undefined. Return what tells the entries apart, or skip the cache with a condition.',
    ],
    [null, 'key is null. Return what tells the entries apart, or skip the cache with a condition.'],
    [() => 0, `key is a function. ${REMEDY}`],
    [['a', { b: () => 0 }], `key[1].b is a function. ${REMEDY}`],
  ])('are told of a key function that returns %p', async (by, message) => {
    const search = (await apps.boot({ providers: [SearchService] })).get(SearchService);
    await expect(search.keyed({ by })).rejects.toThrow(`Cannot make a cache key: ${message}`);
    expect(search.ran).toBe(0);
  });

  it('and what a key function throws reach the caller', async () => {
    const search = (await apps.boot({ providers: [SearchService] })).get(SearchService);
    await expect(search.keyed(undefined as unknown as { by: unknown })).rejects.toThrow(TypeError);
    expect(search.ran).toBe(0);
  });

  it('may be instances: what they hold tells them apart', async () => {
    class Page {
      constructor(readonly size: number) {}
    }
    class Money {
      readonly #cents: number;
      constructor(cents: number) {
        this.#cents = cents;
      }
      toJSON(): number {
        return this.#cents;
      }
    }
    const search = (await apps.boot({ providers: [SearchService] })).get(SearchService);
    expect(await search.all(new Page(10))).toBe(1);
    expect(await search.all(new Page(10))).toBe(1);
    expect(await search.all(new Page(20))).toBe(2);
    expect(await search.all(new Money(5))).toBe(3);
    expect(await search.all(new Money(5))).toBe(3);
    expect(await search.all(new Money(6))).toBe(4);
    expect(await search.all(new Date(0), new Map([['a', 1n]]), Buffer.from('x'))).toBe(5);
    expect(await search.all(new Date(0), new Map([['a', 1n]]), Buffer.from('x'))).toBe(5);
  });
});
