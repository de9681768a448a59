import {
  Body,
  Controller,
  Delete,
  ForbiddenException,
  Get,
  Header,
  HttpCode,
  Inject,
  Injectable,
  NotFoundException,
  Param,
  ParseIntPipe,
  Put,
  Query,
  Req,
  StreamableFile,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type MiddlewareConsumer,
  type NestInterceptor,
} from '@nestjs/common';
import {
  Cacheable,
  CacheEvict,
  CachePut,
  currentTenant,
  tenantGuard,
  tenantMiddleware,
} from 'nestjs-redis-cache';
import { map, Observable, of } from 'rxjs';
import request from 'supertest';
import { CacheApps } from '../support/cache-apps.js';

interface Caller {
  headers: Record<string, string | undefined>;
  url: string;
}

/** What ran, in order; of one application. */
class Log {
  readonly lines: string[] = [];
}

@Injectable()
class RoleGuard implements CanActivate {
  constructor(private readonly log: Log) {}

  canActivate(context: ExecutionContext): boolean {
    this.log.lines.push('guard');
    const { headers } = context.switchToHttp().getRequest<Caller>();
    if (headers['x-role'] === 'stranger') throw new ForbiddenException();
    return true;
  }
}

@Injectable()
class Envelope implements NestInterceptor {
  constructor(private readonly log: Log) {}

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    this.log.lines.push('interceptor');
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

@Controller('leads')
@UseGuards(
  RoleGuard,
  tenantGuard((context) => context.switchToHttp().getRequest<Caller>().headers['x-tenant']),
)
@UseInterceptors(Envelope)
class LeadController {
  @Inject(Log) private readonly log!: Log;

  @Get(':id')
  @Header('x-kind', 'lead')
  @HttpCode(203)
  @Cacheable('http.byId')
  async byId(@Param('id', ParseIntPipe) id: number): Promise<unknown> {
    this.log.lines.push(`byId ${typeof id} ${id}`);
    if (id === 404) throw new NotFoundException(`no lead ${id}`);
    return { id, of: currentTenant() };
  }

  @Cacheable('http.search', { scope: 'global' })
  @Get()
  async search(
    @Query() query: Record<string, string>,
    @Query('page') page?: string,
  ): Promise<unknown> {
    this.log.lines.push('search');
    return { query: { ...query }, page };
  }

  @CachePut('http.byId', {
    key: (id: number) => id,
    unless: (lead: { name: string }) => lead.name === 'draft',
  })
  @Put(':id')
  async rename(
    @Param('id', ParseIntPipe) id: number,
    @Body() body: { name: string },
  ): Promise<{ id: number; name: string }> {
    this.log.lines.push(`rename ${id}`);
    return { id, name: body.name };
  }

  @Delete(':id')
  @CacheEvict('http.byId')
  async remove(@Param('id', ParseIntPipe) id: number): Promise<void> {
    this.log.lines.push(`remove ${id}`);
  }

  @Get('rx/:id')
  @Cacheable('http.rx', { scope: 'global' })
  rx(@Param('id') id: string): Observable<string> {
    this.log.lines.push(`rx ${id}`);
    return of('first', `rx ${id}`);
  }

  @Get('by/url')
  @Cacheable('http.url', { scope: 'global', key: (caller: Caller) => caller.url })
  async byUrl(@Req() { url }: Caller): Promise<string> {
    this.log.lines.push(`byUrl ${url}`);
    return url;
  }
}

const ignore = () => undefined;

describe.each(['express', 'fastify'] as const)('cached routes on %s', (http) => {
  const apps = new CacheApps();

  async function boot() {
    class RootModule {
      configure(consumer: MiddlewareConsumer): void {
        consumer.apply(tenantMiddleware()).forRoutes('{*path}');
      }
    }
    const module = { module: RootModule, controllers: [LeadController], providers: [Log] };
    const logger = { log: ignore, warn: ignore, error: ignore };
    const app = await apps.boot({ http, imports: [module], logger });
    const server = () => request(app.nest.getHttpServer());
    const { lines } = app.get(Log);
    /** What ran since the last look. */
    const ran = () => lines.splice(0);
    return { app, server, ran };
  }

  const asAcme = { 'x-tenant': 'acme' };

  it('answer a hit as they answer a miss, headers and status included', async () => {
    const { server, ran } = await boot();
    const miss = await server().get('/leads/1').set(asAcme);
    expect(ran()).toEqual(['guard', 'interceptor', 'byId number 1']);
    const hit = await server().get('/leads/1').set(asAcme);
    expect(ran()).toEqual(['guard', 'interceptor']);
    const seen = ({ status, headers, text }: request.Response) => ({
      status,
      kind: headers['x-kind'] as unknown,
      type: headers['content-type'] as unknown,
      text,
    });
    expect(seen(hit)).toEqual(seen(miss));
    expect(seen(hit)).toEqual({
      status: 203,
      kind: 'lead',
      type: 'application/json; charset=utf-8',
      text: '{"data":{"id":1,"of":"acme"}}',
    });
  });

  it('make the key of what the pipes gave', async () => {
    const { server, ran } = await boot();
    await server().get('/leads/1').set(asAcme);
    expect((await server().get('/leads/01').set(asAcme)).body).toEqual({
      data: { id: 1, of: 'acme' },
    });
    expect((await server().get('/leads/x').set(asAcme)).status).toBe(400);
    expect(ran().filter((line) => line.startsWith('byId'))).toEqual(['byId number 1']);
  });

  it('have their guards asked at every call', async () => {
    const { server, ran } = await boot();
    await server().get('/leads/1').set(asAcme);
    ran();
    const refused = await server()
      .get('/leads/1')
      .set({ ...asAcme, 'x-role': 'stranger' });
    expect([refused.status, ran()]).toEqual([403, ['guard']]);
  });

  it('keep tenants apart', async () => {
    const { server } = await boot();
    const of = async (tenant: string): Promise<unknown> =>
      (await server().get('/leads/1').set('x-tenant', tenant)).body;
    expect([await of('acme'), await of('globex'), await of('acme')]).toEqual([
      { data: { id: 1, of: 'acme' } },
      { data: { id: 1, of: 'globex' } },
      { data: { id: 1, of: 'acme' } },
    ]);
  });

  it('do not run where no tenant is known', async () => {
    const { server, ran } = await boot();
    expect((await server().get('/leads/1')).status).toBe(500);
    expect((await server().delete('/leads/1')).status).toBe(500);
    expect(ran()).toEqual(['guard', 'interceptor', 'guard', 'interceptor']);
  });

  it('pass HTTP errors, and do not cache them', async () => {
    const { server, ran } = await boot();
    const answers = [
      await server().get('/leads/404').set(asAcme),
      await server().get('/leads/404').set(asAcme),
    ];
    const body = { message: 'no lead 404', error: 'Not Found', statusCode: 404 };
    expect(answers.map((answer) => answer.body as unknown)).toEqual([body, body]);
    expect(ran().filter((line) => line.startsWith('byId'))).toHaveLength(2);
  });

  it('take a query for part of the key, in whatever order it stands', async () => {
    const { server, ran } = await boot();
    const first = await server().get('/leads?name=a&page=2');
    const second = await server().get('/leads?page=2&name=a');
    await server().get('/leads?page=3&name=a');
    expect(second.body).toEqual(first.body);
    expect(second.body).toEqual({ data: { query: { name: 'a', page: '2' }, page: '2' } });
    expect(ran().filter((line) => line === 'search')).toHaveLength(2);
  });

  it('put and evict', async () => {
    const { server, ran } = await boot();
    const read = async (): Promise<unknown> => (await server().get('/leads/1').set(asAcme)).body;
    await read();
    const put = await server().put('/leads/1').set(asAcme).send({ name: 'Ada' });
    expect([put.status, put.body]).toEqual([200, { data: { id: 1, name: 'Ada' } }]);
    expect(await read()).toEqual({ data: { id: 1, name: 'Ada' } });
    await server().put('/leads/1').set(asAcme).send({ name: 'draft' });
    expect(await read()).toEqual({ data: { id: 1, of: 'acme' } });
    await server().put('/leads/1').set(asAcme).send({ name: 'Eve' });
    expect((await server().delete('/leads/1').set(asAcme)).status).toBe(200);
    expect(await read()).toEqual({ data: { id: 1, of: 'acme' } });
    expect(ran().filter((line) => line.startsWith('byId'))).toHaveLength(3);
  });

  it('may return an Observable', async () => {
    const { server, ran } = await boot();
    const texts = [
      (await server().get('/leads/rx/1')).text,
      (await server().get('/leads/rx/1')).text,
    ];
    expect(texts).toEqual(['{"data":"rx 1"}', '{"data":"rx 1"}']);
    expect(ran().filter((line) => line.startsWith('rx'))).toEqual(['rx 1']);
  });

  it('may take a part of the request for the key', async () => {
    const { server, ran } = await boot();
    await server().get('/leads/by/url?a=1');
    await server().get('/leads/by/url?a=1');
    await server().get('/leads/by/url?a=2');
    expect(ran().filter((line) => line.startsWith('byUrl'))).toEqual([
      'byUrl /leads/by/url?a=1',
      'byUrl /leads/by/url?a=2',
    ]);
  });
});

describe.each(['express', 'fastify'] as const)('a stream from a cached route on %s', (http) => {
  const apps = new CacheApps();

  @Controller('files')
  class FileController {
    runs = 0;

    @Get()
    @Cacheable('http.file', { scope: 'global' })
    async file(): Promise<StreamableFile> {
      this.runs += 1;
      return new StreamableFile(Buffer.from(`content ${this.runs}`));
    }
  }

  it('is sent as without a cache, and not stored', async () => {
    const app = await apps.boot({ http, controllers: [FileController] });
    const server = () => request(app.nest.getHttpServer()).get('/files');
    const [first, second] = [await server(), await server()];
    expect([first, second].map(({ body }) => String(body))).toEqual(['content 1', 'content 2']);
    const [third, fourth] = await Promise.all([server(), server()]);
    expect([third, fourth].map(({ body }) => String(body)).sort()).toEqual([
      'content 3',
      'content 4',
    ]);
    expect(app.counters('http.file')).toMatchObject({ fills: 0 });
  });
});
