import {
  Controller,
  forwardRef,
  Get,
  Inject,
  Injectable,
  Module,
  Scope,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import {
  ContextIdFactory,
  LazyModuleLoader,
  ModuleRef,
  REQUEST,
  type ContextIdStrategy,
  type HostComponentInfo,
} from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { Cacheable, CacheEvict, RedisCacheModule } from 'nestjs-redis-cache';
import { map, type Observable } from 'rxjs';
import request from 'supertest';
import { CacheApps, type BootOptions } from '../support/cache-apps.js';

/** Counts what runs, for instances that come and go. */
class Runs {
  static made = 0;
  static loads = 0;

  static reset(): void {
    this.made = 0;
    this.loads = 0;
  }
}

abstract class Counting {
  readonly number = ++Runs.made;

  @Cacheable('counting.byId', { scope: 'global' })
  async byId(_id: string): Promise<number> {
    return ++Runs.loads;
  }

  @CacheEvict('counting.byId', { scope: 'global' })
  async remove(_id: string): Promise<void> {
    return undefined;
  }
}

describe('cached methods of', () => {
  const apps = new CacheApps();
  const boot = (options: BootOptions) => apps.boot(options);

  beforeEach(() => {
    Runs.reset();
  });

  it('transient providers share entries, and each instance is injected', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    class Transient extends Counting {}
    @Injectable()
    class First {
      constructor(readonly leads: Transient) {}
    }
    @Injectable()
    class Second {
      constructor(readonly leads: Transient) {}
    }
    const app = await boot({ providers: [Transient, First, Second] });
    const [first, second] = [app.get(First).leads, app.get(Second).leads];
    expect(first).not.toBe(second);
    expect([await first.byId('1'), await second.byId('1')]).toEqual([1, 1]);
    await second.remove('1');
    expect(await first.byId('1')).toBe(2);
    const resolved = await app.nest.resolve(Transient);
    expect([resolved === first, await resolved.byId('1')]).toEqual([false, 2]);
  });

  it('request-scoped providers share entries over requests', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Scoped extends Counting {
      constructor(@Inject(REQUEST) readonly request: { url: string }) {
        super();
      }

      @Cacheable('scoped.url', { scope: 'global' })
      async urlOf(_id: string): Promise<string> {
        return this.request.url;
      }
    }
    @Controller('leads')
    class LeadController {
      constructor(private readonly leads: Scoped) {}

      @Get(':id')
      async get(): Promise<unknown> {
        return [this.leads.number, await this.leads.byId('1'), await this.leads.urlOf('1')];
      }
    }
    const app = await boot({ providers: [Scoped], controllers: [LeadController] });
    const http = () => request(app.nest.getHttpServer());
    expect((await http().get('/leads/1')).body).toEqual([1, 1, '/leads/1']);
    expect((await http().get('/leads/2')).body).toEqual([2, 1, '/leads/1']);
  });

  it('durable providers share entries over their trees', async () => {
    class ByTenantHeader implements ContextIdStrategy {
      private readonly trees = new Map<string, ReturnType<typeof ContextIdFactory.create>>();

      attach(contextId: { id: number }, { headers }: { headers: Record<string, string> }) {
        const tenant = String(headers['x-tenant']);
        const tree = this.trees.get(tenant) ?? ContextIdFactory.create();
        this.trees.set(tenant, tree);
        return {
          resolve: (info: HostComponentInfo) => (info.isTreeDurable ? tree : contextId),
          payload: { tenant },
        };
      }
    }
    @Injectable({ scope: Scope.REQUEST, durable: true })
    class Durable extends Counting {}
    @Controller('leads')
    class LeadController {
      constructor(private readonly leads: Durable) {}

      @Get()
      async get(): Promise<number[]> {
        return [this.leads.number, await this.leads.byId('1')];
      }
    }
    const strategy = jest.spyOn(ContextIdFactory, 'getByRequest');
    ContextIdFactory.apply(new ByTenantHeader());
    const app = await boot({ providers: [Durable], controllers: [LeadController] });
    const of = async (tenant: string): Promise<unknown> =>
      (await request(app.nest.getHttpServer()).get('/leads').set('x-tenant', tenant)).body;
    expect([await of('a'), await of('b'), await of('a')]).toEqual([
      [1, 1],
      [2, 1],
      [1, 1],
    ]);
    expect(strategy).toHaveBeenCalledTimes(3);
    ContextIdFactory.apply(undefined as unknown as ContextIdStrategy);
    strategy.mockRestore();
  });

  it('controllers, resolvers and gateways are cached as those of any provider', async () => {
    const mark =
      (name: string): ClassDecorator =>
      (target) => {
        Reflect.defineMetadata(name, {}, target);
      };
    @mark('graphql:resolver_type')
    @Injectable()
    class LeadResolver extends Counting {}
    @mark('websockets:is_gateway')
    @Injectable()
    class LeadGateway extends Counting {}
    @Controller()
    class LeadController extends Counting {}
    const app = await boot({
      providers: [LeadResolver, LeadGateway],
      controllers: [LeadController],
    });
    const all = [LeadResolver, LeadGateway, LeadController].map((type) => app.get<Counting>(type));
    for (const one of all) expect(await one.byId('1')).toBe(1);
  });

  it('enhancers are cached', async () => {
    @Injectable()
    class Interceptor extends Counting implements NestInterceptor {
      async intercept(_context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
        const count = await this.byId('1');
        return next.handle().pipe(map((answer: unknown) => ({ answer, count })));
      }
    }
    @Controller('leads')
    @UseInterceptors(Interceptor)
    class LeadController {
      @Get()
      get(): string {
        return 'lead';
      }
    }
    const app = await boot({ controllers: [LeadController] });
    const http = () => request(app.nest.getHttpServer()).get('/leads');
    expect((await http()).body).toEqual({ answer: 'lead', count: 1 });
    expect((await http()).body).toEqual({ answer: 'lead', count: 1 });
  });

  it('providers that need each other are cached', async () => {
    @Injectable()
    class Leads extends Counting {
      constructor(@Inject(forwardRef(() => Calls)) readonly calls: Counting) {
        super();
      }
    }
    @Injectable()
    class Calls extends Counting {
      constructor(@Inject(forwardRef(() => Leads)) readonly leads: Counting) {
        super();
      }
    }
    const app = await boot({ providers: [Leads, Calls] });
    expect([await app.get(Leads).calls.byId('1'), await app.get(Calls).leads.byId('1')]).toEqual([
      1, 1,
    ]);
  });

  it('aliases are those of the class', async () => {
    @Injectable()
    class Leads extends Counting {}
    const ALIAS = Symbol('alias');
    const app = await boot({ providers: [Leads, { provide: ALIAS, useExisting: Leads }] });
    expect(await app.get<Leads>(ALIAS).byId('1')).toBe(1);
    expect(await app.get(Leads).byId('1')).toBe(1);
  });

  it('a class provided in place of another are cached', async () => {
    @Injectable()
    class Leads extends Counting {}
    const TOKEN = Symbol('leads');
    const app = await boot({ providers: [{ provide: TOKEN, useClass: Leads }] });
    const leads = app.get<Leads>(TOKEN);
    expect([await leads.byId('1'), await leads.byId('1')]).toEqual([1, 1]);
  });

  it('what ModuleRef.create makes are cached', async () => {
    @Injectable()
    class Leads extends Counting {}
    const app = await boot({ providers: [] });
    const leads = await app.nest.get(ModuleRef).create(Leads);
    expect([await leads.byId('1'), await leads.byId('1')]).toEqual([1, 1]);
  });

  it('a module that is loaded later are cached', async () => {
    @Injectable()
    class Leads extends Counting {}
    @Module({ providers: [Leads] })
    class LazyModule {}
    const app = await boot({ providers: [] });
    const lazy = await app.nest.get(LazyModuleLoader).load(() => LazyModule);
    const leads = lazy.get(Leads);
    expect([await leads.byId('1'), await leads.byId('1')]).toEqual([1, 1]);
  });

  it('a module that does not see the cache stop the boot, naming the class', async () => {
    @Injectable()
    class Leads extends Counting {}
    @Module({ providers: [Leads] })
    class FeatureModule {}
    @Module({ imports: [RedisCacheModule.forRoot({ isGlobal: false }), FeatureModule] })
    class AppModule {}
    const compiling = Test.createTestingModule({ imports: [AppModule] }).compile();
    await expect(compiling).rejects.toThrow(
      /dependencies of the Leads[^]*of RedisCacheModule, or in a test of RedisCacheTestingModule[^]*imported within FeatureModule/,
    );
  });
});
