import {
  Inject,
  Injectable,
  Module,
  SetMetadata,
  VersioningType,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import { InvalidCacheOptionsError } from 'nestjs-redis-cache';
import {
  RedisCacheAdminModule,
  type AdminRequest,
  type AdminRuntimeOptions,
  type RedisCacheAdminOptions,
} from 'nestjs-redis-cache/admin';
import { CacheApps, type CacheApp } from '../support/cache-apps.js';
import type { CacheRuntime } from '../../libs/redis-cache/src/cache/cache-runtime.js';
import { CACHE_RUNTIME } from '../../libs/redis-cache/src/constants/injection.tokens.js';
import { CallerGuard } from './support/admin-app.js';

const KEYS = Symbol('keys');
const SECRET = 'a-secret-that-is-long-enough';

/** A guard with a dependency. */
@Injectable()
class KeyGuard implements CanActivate {
  constructor(@Inject(KEYS) private readonly keys: readonly string[]) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<AdminRequest>();
    return this.keys.includes(String(request.headers['x-key']));
  }
}

@Module({ providers: [{ provide: KEYS, useValue: ['good'] }], exports: [KEYS] })
class KeysModule {}

class OptionsFactory {
  createRedisCacheAdminOptions(): AdminRuntimeOptions {
    return { values: 'read', principal: () => ({ kind: 'operator' }) };
  }
}

describe('RedisCacheAdminModule', () => {
  const apps = new CacheApps();

  const ask = async (app: CacheApp, path: string, headers: Record<string, string> = {}) => {
    if (!app.nest.getHttpServer().listening) await app.nest.listen(0, '127.0.0.1');
    return fetch((await app.nest.getUrl()) + path, { headers, redirect: 'manual' });
  };
  const boot = (options: RedisCacheAdminOptions, rest = {}) =>
    apps.boot({ ...rest, imports: [RedisCacheAdminModule.register(options)] });

  describe('refuses to boot', () => {
    it.each([
      ['without a word on guards', {}],
      ['with a list of none', { guards: [] }],
      ['with what is no guard', { guards: [class {}] }],
      ['with nothing for a guard', { guards: [undefined] }],
      ['with text for a guard', { guards: 'OperatorGuard' }],
    ])('%s, naming option, what it got, what it needs and what to do', (_, options) => {
      const register = () => RedisCacheAdminModule.register(options as RedisCacheAdminOptions);
      expect(register).toThrow(InvalidCacheOptionsError);
      expect(register).toThrow(
        /^Option guards of RedisCacheAdminModule is .+; expected at least one guard\. These routes show .+ Give guards: \[OperatorGuard\], or say unprotected: true/,
      );
      const byFactory = { ...(options as RedisCacheAdminOptions), useFactory: () => ({}) };
      expect(() => RedisCacheAdminModule.registerAsync(byFactory)).toThrow(
        InvalidCacheOptionsError,
      );
    });

    it('without options', () => {
      const needsGuard = 'Option guards of RedisCacheAdminModule is undefined; expected at least';
      expect(() => RedisCacheAdminModule.register()).toThrow(needsGuard);
    });

    it('with guards that nobody would ask, for it is unprotected', () => {
      const options = { guards: [CallerGuard], unprotected: true };
      expect(() => RedisCacheAdminModule.register(options)).toThrow(
        'expected none where unprotected is true',
      );
    });

    it.each([
      [{ unprotected: 'yes' }, 'unprotected of'],
      [{ path: '' }, 'path of'],
      [{ path: 'a//b' }, 'path of'],
      [{ path: 'a/:tenant' }, 'path of'],
      [{ path: '../x y' }, 'path of'],
      [{ path: 5 }, 'path of'],
      [{ page: { closed: true } }, 'page of RedisCacheAdminModule.closed'],
      [{ page: { open: 1 } }, 'open of page'],
      [{ page: { credentialHeader: 'x y' } }, 'credentialHeader of page'],
    ])('with %j', (options, named) => {
      const register = () =>
        RedisCacheAdminModule.register({ guards: [CallerGuard], ...options } as never);
      expect(register).toThrow(InvalidCacheOptionsError);
      expect(register).toThrow(named);
    });

    it.each([
      [{ value: 'read' }, 'options of RedisCacheAdminModule.value'],
      [{ values: true }, 'values of'],
      [{ principal: { kind: 'operator' } }, 'principal of'],
      [{ maxEvents: 0 }, 'maxEvents of'],
      [{ stream: { interval: '1ms' } }, 'interval of stream'],
      [{ stream: { interval: '1m' } }, 'interval of stream'],
      [{ stream: { maxListeners: -1 } }, 'maxListeners of stream'],
      [{ stream: { slowAfter: 'long' } }, 'slowAfter of stream'],
      [{ stream: { every: 1 } }, 'stream of RedisCacheAdminModule.every'],
      [{ webhook: {} }, 'secrets of webhook'],
      [
        { webhook: { secrets: [] } },
        'secrets of webhook of RedisCacheAdminModule is []; expected one',
      ],
      [
        { webhook: { secrets: ['short'] } },
        `secrets[0] of webhook of RedisCacheAdminModule is '***'`,
      ],
      [
        { webhook: { secrets: [SECRET, ''] } },
        `secrets[1] of webhook of RedisCacheAdminModule is ''`,
      ],
      [
        { webhook: { secrets: [SECRET, { secret: SECRET }] } },
        `secrets[1] of webhook of RedisCacheAdminModule is { secret: '***' }`,
      ],
      [{ webhook: { secrets: [{ secret: SECRET, tenant: '' }] } }, 'secrets[0] of webhook'],
      [{ webhook: { secrets: SECRET } }, 'secrets of webhook'],
      [{ webhook: { secrets: [SECRET], tolerance: -1 } }, 'tolerance of webhook'],
    ])('with %j, and shows no secret', async (options, named) => {
      const refused = boot({ guards: [CallerGuard], ...options } as RedisCacheAdminOptions);
      await expect(refused).rejects.toThrow(InvalidCacheOptionsError);
      await expect(refused).rejects.toThrow(named);
      await expect(refused).rejects.not.toThrow(SECRET);
      await expect(refused).rejects.not.toThrow('short');
    });
  });

  it('serves everybody as an operator where it is said to be unprotected', async () => {
    const app = await boot({ unprotected: true });
    const answer = await ask(app, '/admin/cache/session');
    expect(await answer.json()).toEqual({ principal: { kind: 'operator' }, values: false });
  });

  it('asks a function who is asking, and refuses where it does not know', async () => {
    const app = await boot({
      guards: [{ canActivate: () => true }],
      principal: ({ headers }) =>
        Promise.resolve(
          headers['x-tenant'] === undefined
            ? undefined
            : { kind: 'tenant', tenant: String(headers['x-tenant']) },
        ),
    });
    const answer = await ask(app, '/admin/cache/session', { 'x-tenant': 'acme' });
    expect(await answer.json()).toMatchObject({ principal: { kind: 'tenant', tenant: 'acme' } });
    expect((await ask(app, '/admin/cache/session')).status).toBe(403);
  });

  it('answers what a function for that throws as its own fault, and tells nothing of it', async () => {
    const app = await boot(
      {
        guards: [{ canActivate: () => true }],
        principal: () => {
          throw new Error('password is secret');
        },
      },
      { logger: { log: jest.fn(), warn: jest.fn(), error: jest.fn() } },
    );
    const answer = await ask(app, '/admin/cache/session');
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
  });

  it('has Nest inject guards, and takes several: all have to agree', async () => {
    const app = await boot({
      imports: [KeysModule],
      guards: [KeyGuard, new CallerGuard()],
    });
    const session = (headers: Record<string, string>) => ask(app, '/admin/cache/session', headers);
    expect((await session({ 'x-key': 'bad', 'x-caller': 'operator' })).status).toBe(403);
    expect((await session({ 'x-key': 'good' })).status).toBe(401);
    expect((await session({ 'x-key': 'good', 'x-caller': 'operator' })).status).toBe(200);
  });

  it.each([
    [
      'useFactory',
      { inject: [KEYS], useFactory: () => new OptionsFactory().createRedisCacheAdminOptions() },
    ],
    ['useClass', { useClass: OptionsFactory }],
  ])('takes options by %s', async (_, how) => {
    const module = RedisCacheAdminModule.registerAsync({
      path: 'ops',
      guards: [KeyGuard],
      imports: [KeysModule],
      ...how,
    });
    const app = await apps.boot({ imports: [module] });
    const answer = await ask(app, '/ops/session', { 'x-key': 'good' });
    expect(await answer.json()).toEqual({ principal: { kind: 'operator' }, values: 'read' });
    expect((await ask(app, '/ops/session')).status).toBe(403);
  });

  it('lets decorators pass a guard that the whole application has', async () => {
    const OPEN = 'open';
    @Injectable()
    class EveryRouteGuard implements CanActivate {
      constructor(private readonly reflector: Reflector) {}
      canActivate(context: ExecutionContext): boolean {
        return this.reflector.get<boolean | undefined>(OPEN, context.getClass()) ?? false;
      }
    }
    const providers = [{ provide: APP_GUARD, useClass: EveryRouteGuard }];
    const [closed, open] = [
      await boot({ unprotected: true }, { providers }),
      await boot({ unprotected: true, decorators: [SetMetadata(OPEN, true)] }, { providers }),
    ];
    expect((await ask(closed, '/admin/cache/session')).status).toBe(403);
    expect((await ask(open, '/admin/cache/session')).status).toBe(200);
  });

  it.each(['express', 'fastify'] as const)(
    'is where it is said to be, whatever the application has on %s',
    async (http) => {
      const app = await boot(
        { unprotected: true, path: '/ops/cache/' },
        {
          http,
          prepare: (nest: CacheApp['nest']) => {
            nest.setGlobalPrefix('api');
            nest.enableVersioning({ type: VersioningType.HEADER, header: 'v' });
          },
        },
      );
      expect((await ask(app, '/api/ops/cache/session')).status).toBe(200);
      expect((await ask(app, '/api/ops/cache/events?limit=5')).status).toBe(200);
      expect((await ask(app, '/admin/cache/session')).status).toBe(404);
    },
  );

  it('keeps two applications in one process apart', async () => {
    const [a, b] = [
      await boot({ guards: [CallerGuard], path: 'a' }),
      await boot({ unprotected: true, path: 'b' }),
    ];
    expect((await ask(a, '/a/session')).status).toBe(401);
    expect((await ask(b, '/b/session')).status).toBe(200);
    expect((await ask(a, '/b/session')).status).toBe(404);
    await a.caches.forTenant('acme').wrap('k', () => 1);
    expect(await (await ask(b, '/b/loads')).json()).toEqual({ slowest: [] });
  });

  it('listens to nothing any more when it has closed', async () => {
    const app = await boot({ unprotected: true });
    const { events } = app.get<CacheRuntime>(CACHE_RUNTIME);
    expect(events.hasListeners('stale')).toBe(true);
    await app.nest.close();
    expect(events.hasListeners('stale')).toBe(false);
  });
});
