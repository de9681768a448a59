import { CACHE_MANAGER, CacheInterceptor, CacheKey, type Cache } from '@nestjs/cache-manager';
import {
  Controller,
  Get,
  Inject,
  Injectable,
  Req,
  Scope,
  UseInterceptors,
  type ExecutionContext,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { Redis } from 'ioredis';
import {
  InvalidDecoratorError,
  runWithTenant,
  setTenant,
  tenantMiddleware,
  TenantMissingError,
} from 'nestjs-redis-cache';
import { CacheApps, ownPrefix } from '../support/cache-apps.js';
import { RecordingLogger } from '../module/support/recording-logger.js';
import { bootPrices } from './support/price-apps.js';

const HTTP = ['express', 'fastify'] as const;

interface UserRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
}

const userOf = (context: ExecutionContext) =>
  context.switchToHttp().getRequest<UserRequest>().headers.authorization?.replace('Bearer ', '');

/** Tells who is asked for by what the application itself says. */
@Injectable()
class OwnKeyInterceptor extends CacheInterceptor {
  protected override trackBy(context: ExecutionContext): string {
    return `own ${String(userOf(context))}`;
  }
}

@Controller('prices/me')
class MeController {
  asked = 0;

  @Get('url')
  @UseInterceptors(CacheInterceptor)
  url(@Req() { headers }: UserRequest): { me: string | null; asked: number } {
    return this.answer(headers);
  }

  @Get('named')
  @CacheKey('named-for-all')
  @UseInterceptors(CacheInterceptor)
  named(@Req() { headers }: UserRequest): { me: string | null; asked: number } {
    return this.answer(headers);
  }

  @Get('own')
  @UseInterceptors(OwnKeyInterceptor)
  own(@Req() { headers }: UserRequest): { me: string | null; asked: number } {
    return this.answer(headers);
  }

  private answer({ authorization }: UserRequest['headers']): { me: string | null; asked: number } {
    this.asked += 1;
    return { me: authorization ?? null, asked: this.asked };
  }
}

const ada = { authorization: 'Bearer ada' };
const bob = { authorization: 'Bearer bob' };
const asked = (me: string | null, times: number) => ({ me, asked: times });

describe.each(HTTP)('tenants and users behind CacheInterceptor (%s)', (http) => {
  const apps = new CacheApps();
  const controllers = [MeController];
  const providers = [OwnKeyInterceptor];

  it('keeps the tenants apart in responses, keys of their own, and in Redis', async () => {
    const prefix = ownPrefix();
    const app = await bootPrices(apps, 'redis', { http, cache: { prefix } });
    const paths = ['response/A', 'named', 'service/A'];
    for (const path of paths) {
      for (const tenant of ['acme', 'globex']) await app.get(path, tenant);
    }
    for (const tenant of ['acme', 'globex']) {
      await app.stored('/prices/response/A', tenant);
      await app.stored('all-prices', tenant);
    }
    const bodies = [];
    for (const tenant of ['acme', 'globex']) {
      for (const path of paths) bodies.push((await app.get(path, tenant)).body);
    }
    const cents = (symbol: string, value: number) => ({ symbol, cents: value });
    expect(bodies).toEqual([
      ...[cents('A', 1), cents('named', 3), cents('A', 5)],
      ...[cents('A', 2), cents('named', 4), cents('A', 6)],
    ]);
    expect(await keysUnder(prefix)).toEqual([
      `${prefix}:{acme/cache-manager@1/%2Fprices%2Fresponse%2FA}`,
      `${prefix}:{acme/cache-manager@1/all-prices}`,
      `${prefix}:{acme/cache-manager@1/price%3AA}`,
      `${prefix}:{globex/cache-manager@1/%2Fprices%2Fresponse%2FA}`,
      `${prefix}:{globex/cache-manager@1/all-prices}`,
      `${prefix}:{globex/cache-manager@1/price%3AA}`,
    ]);
  });

  it('caches no response without a tenant, and refuses what asks for the cache itself', async () => {
    const prefix = ownPrefix();
    const app = await bootPrices(apps, 'redis', { http, cache: { prefix } });
    const first = await app.get('response/A');
    const second = await app.get('response/A');
    expect([first, second]).toEqual([
      { status: 200, body: { symbol: 'A', cents: 1 }, cached: null },
      { status: 200, body: { symbol: 'A', cents: 2 }, cached: null },
    ]);
    expect((await app.get('service/A')).status).toBe(500);
    await expect(app.manager().get('k')).rejects.toThrow(TenantMissingError);
    await expect(app.manager().clear()).rejects.toThrow(TenantMissingError);
    expect(await keysUnder(prefix)).toEqual([]);
  });

  it('clears what the tenant has, and nothing of another', async () => {
    const app = await bootPrices(apps, 'redis', { http });
    const manager = app.manager();
    for (const tenant of ['acme', 'globex']) {
      await runWithTenant(tenant, () => manager.set('k', tenant));
    }
    await app.app.caches.forTenant('acme').set('k', 'of another cache');
    expect((await app.post('forget', 'acme')).body).toEqual({ done: true });
    const left = (tenant: string) => runWithTenant(tenant, () => manager.get('k'));
    expect([await left('acme'), await left('globex')]).toEqual([undefined, 'globex']);
    expect(await app.app.caches.forTenant('acme').get('k')).toBe('of another cache');
  });

  it('shares no response that is known by its URL where a request says whose it is', async () => {
    const logger = new RecordingLogger();
    const app = await bootPrices(apps, 'memory', { http, logger, controllers, providers });
    const me = async (headers?: Record<string, string>) => {
      const { body, cached } = await app.get('me/url', 'acme', headers);
      return [body, cached];
    };
    expect(await me(ada)).toEqual([asked('Bearer ada', 1), null]);
    expect(await me(bob)).toEqual([asked('Bearer bob', 2), null]);
    expect(await me({ cookie: 'session=1' })).toEqual([asked(null, 3), null]);
    expect(await me()).toEqual([asked(null, 4), 'MISS']);
    await app.stored('/prices/me/url', 'acme');
    expect(await me()).toEqual([asked(null, 4), 'HIT']);
    expect(await me(ada)).toEqual([asked('Bearer ada', 5), null]);
    const warnings = logger.of('warn').map(([text]) => String(text));
    expect(warnings.filter((text) => text.includes('responses.userOf'))).toHaveLength(1);
  });

  it('gives each user their own where it is told who they are', async () => {
    const manager = { responses: { userOf } };
    const app = await bootPrices(apps, 'memory', { http, manager, controllers, providers });
    const me = async (headers?: Record<string, string>) => {
      const { body, cached } = await app.get('me/url', 'acme', headers);
      return [body, cached];
    };
    expect(await me(ada)).toEqual([asked('Bearer ada', 1), 'MISS']);
    expect(await me(bob)).toEqual([asked('Bearer bob', 2), 'MISS']);
    expect(await me(ada)).toEqual([asked('Bearer ada', 1), 'HIT']);
    expect(await me(bob)).toEqual([asked('Bearer bob', 2), 'HIT']);
    expect(await me({ cookie: 'anonymous' })).toEqual([asked(null, 3), null]);
    expect(await app.stored('ada /prices/me/url', 'acme')).toEqual(asked('Bearer ada', 1));
  });

  it('shares all where no header is said to tell users apart', async () => {
    const manager = { responses: { credentialHeaders: [] } };
    const app = await bootPrices(apps, 'memory', { http, manager, controllers, providers });
    expect((await app.get('me/url', 'acme', ada)).body).toEqual(asked('Bearer ada', 1));
    expect((await app.get('me/url', 'acme', bob)).body).toEqual(asked('Bearer ada', 1));
  });

  it('takes keys that the application names as they are', async () => {
    const app = await bootPrices(apps, 'memory', { http, controllers, providers });
    expect((await app.get('me/named', 'acme', ada)).body).toEqual(asked('Bearer ada', 1));
    expect((await app.get('me/named', 'acme', bob)).body).toEqual(asked('Bearer ada', 1));
    expect((await app.get('me/own', 'acme', ada)).body).toEqual(asked('Bearer ada', 2));
    expect((await app.get('me/own', 'acme', bob)).body).toEqual(asked('Bearer bob', 3));
    expect((await app.get('me/own', 'acme', ada)).body).toEqual(asked('Bearer ada', 2));
  });

  it('answers uncached where userOf fails', async () => {
    const manager = {
      responses: {
        userOf: () => {
          throw new TypeError('no user');
        },
      },
    };
    const app = await bootPrices(apps, 'memory', { http, manager, controllers, providers });
    const { status, cached } = await app.get('me/url', 'acme', ada);
    expect([status, cached]).toEqual([200, null]);
  });
});

describe('a call of the manager whose scope has another tenant before it ends', () => {
  const apps = new CacheApps();

  const inScope = <T>(act: () => Promise<T>) =>
    new Promise<T>((resolve) => tenantMiddleware()({}, {}, () => resolve(act())));
  const boot = async () => {
    const manager = (await bootPrices(apps, 'redis')).manager();
    const of = (tenant: string) => runWithTenant(tenant, () => manager.get('k'));
    for (const tenant of ['acme', 'globex']) {
      await runWithTenant(tenant, () => manager.set('k', `of ${tenant}`));
    }
    return { manager, of };
  };

  it.each<[string, (manager: Cache) => Promise<unknown>]>([
    ['set', (manager) => manager.set('k', () => 0)],
    ['mset', (manager) => manager.mset([{ key: 'k', value: () => 0 }])],
  ])('evicts by %s, of what cannot be carried, for the first one', async (_how, set) => {
    const { manager, of } = await boot();
    await inScope(async () => {
      setTenant('acme');
      const setting = set(manager);
      setTenant('globex');
      await setting;
    });
    expect([await of('acme'), await of('globex')]).toEqual([undefined, 'of globex']);
  });

  it('says by wrap when the value of the first one expires', async () => {
    const { manager } = await boot();
    const answer = await inScope(() => {
      setTenant('acme');
      const wrapping = manager.wrap('other', () => 'loaded', { ttl: 60_000, raw: true });
      setTenant('globex');
      return wrapping;
    });
    expect(answer).toEqual({ value: 'loaded', expires: expect.any(Number) as number });
  });
});

describe('an interceptor that is made anew for each request', () => {
  const apps = new CacheApps();

  it('stops the boot, as the users could not be kept apart in it', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class ScopedInterceptor extends CacheInterceptor {
      @Inject(REQUEST) readonly request: unknown;
    }

    @Controller()
    class ScopedController {
      constructor(@Inject(CACHE_MANAGER) readonly cache: Cache) {}

      @Get()
      @UseInterceptors(ScopedInterceptor)
      answer(): string {
        return 'answer';
      }
    }

    const booting = bootPrices(apps, 'memory', { controllers: [ScopedController] });
    await expect(booting).rejects.toThrow(InvalidDecoratorError);
    await expect(booting).rejects.toThrow('ScopedInterceptor is made anew for each request');
  });
});

/** Keys of entries, sorted. */
async function keysUnder(prefix: string): Promise<string[]> {
  const redis = new Redis(String(process.env.REDIS_URL));
  const keys = await redis.keys(`${prefix}:*`);
  await redis.quit();
  return keys.filter((key) => !/:(?:stamp|lease|bus)/.test(key.slice(prefix.length))).sort();
}
