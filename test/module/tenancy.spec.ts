import { setImmediate } from 'node:timers/promises';
import {
  Body,
  Controller,
  Get,
  Injectable,
  Param,
  Post,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
  type MiddlewareConsumer,
  type NestModule,
  type Type,
} from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  Cacheable,
  CacheService,
  currentTenant,
  RedisCacheModule,
  TenantMissingError,
  tenantGuard,
  tenantMiddleware,
} from 'nestjs-redis-cache';
import request from 'supertest';
import { HOSTILE_STRINGS } from '../../libs/redis-cache/src/keys/hostile-strings.fixture.js';

interface TenantRequest {
  headers: Record<string, string | undefined>;
  organization?: { id: string };
}

const requestOf = (context: ExecutionContext): TenantRequest =>
  context.switchToHttp().getRequest<TenantRequest>();

/** Keys of callers: those of the tenants, by their place in this list. */
const keys: string[] = [];
const keyOf = (tenant: string): string => String(keys.push(tenant) - 1);
const ownerOf = (key: string): string | undefined => keys[Number(key)];

/** Looks up who calls, as one does in a database: a while later, in another turn of the loop. */
@Injectable()
class ApiKeyGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const call = requestOf(context);
    await setImmediate();
    const key = call.headers['x-api-key'];
    const id = key === undefined ? undefined : ownerOf(key);
    if (id !== undefined) call.organization = { id };
    return true;
  }
}

const OrganizationGuard = tenantGuard((context) => requestOf(context).organization?.id);

const SlowOrganizationGuard = tenantGuard(async (context) => {
  await setImmediate();
  return requestOf(context).organization?.id;
});

@Injectable()
class LeadService {
  readonly loads: string[] = [];

  @Cacheable('lead.byId', { key: (id: string) => id })
  async byId(id: string): Promise<{ id: string; owner?: string }> {
    this.loads.push(id);
    await setImmediate();
    return { id, owner: currentTenant() };
  }

  @Cacheable('settings', { scope: 'global' })
  async settings(): Promise<{ seenAs: string }> {
    this.loads.push('settings');
    return Promise.resolve({ seenAs: String(currentTenant()) });
  }
}

@Controller('guarded')
@UseGuards(ApiKeyGuard, OrganizationGuard)
class GuardedController {
  constructor(private readonly leads: LeadService) {}

  @Get('settings')
  settings() {
    return this.leads.settings();
  }

  @Get(':id')
  async byId(@Param('id') id: string) {
    return { ...(await this.leads.byId(id)), seenAs: currentTenant() };
  }

  @Post()
  async create(@Body() body: { id: string; note?: string }) {
    return { ...(await this.leads.byId(body.id)), seenAs: currentTenant() };
  }
}

@Controller('slow')
@UseGuards(ApiKeyGuard, SlowOrganizationGuard)
class SlowController {
  constructor(private readonly leads: LeadService) {}

  @Get(':id')
  byId(@Param('id') id: string) {
    return this.leads.byId(id);
  }
}

@Controller('open')
class OpenController {
  constructor(private readonly leads: LeadService) {}

  @Get(':id')
  byId(@Param('id') id: string) {
    return this.leads.byId(id);
  }
}

/** No middleware is applied to its routes. */
@Controller('forgotten')
@UseGuards(ApiKeyGuard, OrganizationGuard)
class ForgottenController {
  @Get()
  anything() {
    return { seenAs: currentTenant() };
  }
}

class ModuleWithScopes implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(tenantMiddleware()).forRoutes(GuardedController, SlowController);
    const fromRequest = tenantMiddleware<TenantRequest>(({ headers }) =>
      headers['x-tenant'] === undefined ? undefined : ownerOf(headers['x-tenant']),
    );
    consumer.apply(fromRequest).forRoutes(OpenController);
  }
}

class ModuleWithScopeOfAll implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(tenantMiddleware()).forRoutes('{*path}');
  }
}

/** Keeps what Nest answers 500 for. */
class ErrorLog extends BaseExceptionFilter {
  readonly errors: unknown[] = [];

  override catch(...[error, host]: Parameters<BaseExceptionFilter['catch']>): void {
    this.errors.push(error);
    super.catch(error, host);
  }
}

const SERVER_ERROR = { statusCode: 500, message: 'Internal server error' };

describe.each([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
])('the tenant of a request, on %s', (_platform, adapter) => {
  let app: INestApplication;
  let leads: LeadService;
  let log: ErrorLog;

  async function boot(scopes: Type<NestModule>): Promise<void> {
    const module = await Test.createTestingModule({
      imports: [RedisCacheModule.forRoot({ near: { maxBytes: 1e8 } }), { module: scopes }],
      controllers: [GuardedController, SlowController, OpenController, ForgottenController],
      providers: [LeadService],
    }).compile();
    app = module.createNestApplication(adapter(), { logger: false });
    log = new ErrorLog(app.getHttpAdapter());
    app.useGlobalFilters(log);
    await app.listen(0);
    leads = app.get(LeadService);
  }

  beforeEach(() => boot(ModuleWithScopes));

  afterEach(() => app.close());

  function get(path: string, header: 'x-api-key' | 'x-tenant', tenant: string) {
    return request(app.getHttpServer()).get(path).set(header, keyOf(tenant));
  }

  describe.each(['guarded', 'slow'])(
    'set by a guard in the scope of the middleware (%s)',
    (route) => {
      it('is whose entries the handler reads and writes', async () => {
        const first = await get(`/${route}/1`, 'x-api-key', 'acme').expect(200);
        const second = await get(`/${route}/1`, 'x-api-key', 'acme').expect(200);
        expect(first.body).toMatchObject({ id: '1', owner: 'acme' });
        expect(second.body).toEqual(first.body);
        expect(leads.loads).toEqual(['1']);
      });

      it('keeps two tenants apart who use the same ids', async () => {
        const bodies: unknown[] = [];
        for (const tenant of ['acme', 'umbrella', 'acme', 'umbrella']) {
          const { body } = await get(`/${route}/1`, 'x-api-key', tenant).expect(200);
          bodies.push((body as { owner: string }).owner);
        }
        expect(bodies).toEqual(['acme', 'umbrella', 'acme', 'umbrella']);
        expect(leads.loads).toEqual(['1', '1']);
      });

      it('is missed where the caller is unknown: nothing is loaded, and the answer is 500', async () => {
        const { body } = await request(app.getHttpServer()).get(`/${route}/1`).expect(500);
        expect(body).toEqual(SERVER_ERROR);
        expect(log.errors).toEqual([expect.any(TenantMissingError)]);
        expect(log.errors).toMatchObject([{ operation: '@Cacheable on LeadService.byId' }]);
        expect(leads.loads).toEqual([]);
      });
    },
  );

  it('is still known to the handler when a body had to be read first', async () => {
    const note = 'x'.repeat(90_000); // in several packets
    const create = (tenant: string) =>
      request(app.getHttpServer())
        .post('/guarded')
        .set('x-api-key', keyOf(tenant))
        .send({ id: '1', note })
        .expect(201);
    const answers = await Promise.all([create('acme'), create('umbrella')]);
    expect(answers.map(({ body }): unknown => body)).toEqual([
      { id: '1', owner: 'acme', seenAs: 'acme' },
      { id: '1', owner: 'umbrella', seenAs: 'umbrella' },
    ]);
  });

  it('is not seen by the load of a global cache, whose entry serves all', async () => {
    const acme = await get('/guarded/settings', 'x-api-key', 'acme').expect(200);
    const umbrella = await get('/guarded/settings', 'x-api-key', 'umbrella').expect(200);
    expect([acme.body, umbrella.body]).toEqual([{ seenAs: 'undefined' }, { seenAs: 'undefined' }]);
    expect(leads.loads).toEqual(['settings']);
  });

  it('can be read off the request by the middleware itself', async () => {
    const { body } = await get('/open/1', 'x-tenant', 'acme').expect(200);
    expect(body).toEqual({ id: '1', owner: 'acme' });
    await request(app.getHttpServer()).get('/open/1').expect(500, SERVER_ERROR);
    expect(log.errors).toEqual([expect.any(TenantMissingError)]);
  });

  it('is refused where it is empty, and nothing is loaded', async () => {
    await get('/guarded/1', 'x-api-key', '').expect(500, SERVER_ERROR);
    expect(log.errors).toMatchObject([{ code: 'INVALID_KEY', path: 'tenant' }]);
    await get('/open/1', 'x-tenant', '').expect(500);
    expect(leads.loads).toEqual([]);
  });

  it('cannot be set where the middleware was forgotten, which is said', async () => {
    await get('/forgotten', 'x-api-key', 'acme').expect(500, SERVER_ERROR);
    expect(log.errors).toMatchObject([
      { message: expect.stringMatching(/^setTenant\(\) found no open tenant scope\./) as unknown },
    ]);
    await request(app.getHttpServer()).get('/forgotten').expect(200, {});
  });

  it('can be set on every route where the middleware is applied to all of them', async () => {
    await app.close();
    await boot(ModuleWithScopeOfAll);
    const answers = await Promise.all([
      get('/forgotten', 'x-api-key', 'acme').expect(200),
      get('/guarded/1', 'x-api-key', 'umbrella').expect(200),
    ]);
    expect(answers.map(({ body }): unknown => body)).toEqual([
      { seenAs: 'acme' },
      { id: '1', owner: 'umbrella', seenAs: 'umbrella' },
    ]);
  });

  it('holds for 200 requests at once, each for a tenant of its own', async () => {
    const tenants = Array.from({ length: 200 }, (_, index) => `tenant-${String(index)}`);
    const answers = await Promise.all(
      tenants.map((tenant) => get('/guarded/1', 'x-api-key', tenant).expect(200)),
    );
    expect(answers.map(({ body }): unknown => body)).toEqual(
      tenants.map((tenant) => ({ id: '1', owner: tenant, seenAs: tenant })),
    );
    expect(app.get(CacheService).getStats().total).toMatchObject({ loads: 200, misses: 200 });
  });

  it('may be any text, and each text is a tenant of its own', async () => {
    const tenants = HOSTILE_STRINGS.filter((tenant) => tenant !== '');
    for (const round of ['load', 'hit']) {
      const answers = await Promise.all(
        tenants.map((tenant) => get('/guarded/1', 'x-api-key', tenant).expect(200)),
      );
      const owners = answers.map(({ body }) => (body as { owner: string }).owner);
      expect({ round, owners }).toEqual({ round, owners: tenants });
    }
    expect(leads.loads).toHaveLength(tenants.length);
  });
});
