import { once } from 'node:events';
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import {
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
} from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  RedisCacheAdminModule,
  type AdminEvents,
  type AdminPurges,
  type OperatorFigures,
  type RedisCacheAdminOptions,
} from 'nestjs-redis-cache/admin';
import type { Redis } from 'ioredis';
import { REDIS_CLIENT } from '../../../libs/redis-cache/src/constants/injection.tokens.js';
import { CacheApps, ownPrefix, type BootOptions, type CacheApp } from '../../support/cache-apps.js';

export const ADAPTERS = ['express', 'fastify'] as const;

/** Who asks in a test: nobody, an operator, or whoever is bound to a tenant. */
export type Caller = 'nobody' | 'operator' | { readonly tenant: string };

/** Lets in by the header `x-caller`, and says who that is. */
export class CallerGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Record<string, unknown>>();
    const { 'x-caller': caller } = request.headers as Record<string, string | undefined>;
    if (caller === undefined) throw new UnauthorizedException('Say who you are');
    request.cacheAdmin = caller === 'operator' ? { kind: 'operator' } : JSON.parse(caller);
    return true;
  }
}

export interface Answer<Body> {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Headers;
  readonly body: Body;
}

interface Route {
  readonly method: string;
  readonly path: string;
}

export interface AdminBootOptions extends BootOptions {
  admin?: RedisCacheAdminOptions;
}

/** An application whose cache can be operated over HTTP. */
export class AdminApp {
  constructor(
    readonly app: CacheApp,
    readonly url: string,
    /** Every route of the application. */
    readonly routes: readonly Route[],
    private readonly prefix: string,
  ) {}

  get caches() {
    return this.app.caches;
  }

  /** Begins to listen to the stream, and goes on till it is stopped or the application closes. */
  async listen(caller: Caller, headers: Record<string, string> = {}): Promise<Listening> {
    const asked = get(`${this.url}/admin/cache/stream`, {
      agent: false,
      headers: { ...headersOf(caller), ...headers },
    });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return new Listening(response);
  }

  /** A purge is answered before it has ended. */
  async untilNoPurgeRuns(): Promise<void> {
    const running = async () => {
      const { body } = await this.call<AdminPurges>('operator', 'GET', 'purges');
      return body.purges.some(({ state }) => state === 'running');
    };
    while (await running());
  }

  /** All that Redis has for this application, but what a process writes to hear of it. */
  async keysAndValues(): Promise<Record<string, string>> {
    const redis = this.app.get<Redis>(REDIS_CLIENT);
    const found: Record<string, string> = {};
    for await (const page of redis.scanStream({ match: `${this.prefix}:*`, count: 1_000 })) {
      for (const key of page as string[]) {
        if (!key.includes(':probe:')) found[key] = String(await redis.get(key));
      }
    }
    return found;
  }

  /** @param path under `admin/cache/`; the empty one is the page */
  async call<Body = unknown>(
    caller: Caller,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const answer = await fetch(`${this.url}/admin/cache/${path}`.replace(/\/$/, ''), {
      method,
      headers: {
        ...headersOf(caller),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      redirect: 'manual',
    });
    const text = await answer.text();
    const type = answer.headers.get('content-type');
    const isJson = type?.includes('json') === true && text !== '';
    return {
      status: answer.status,
      type,
      headers: answer.headers,
      body: (isJson ? JSON.parse(text) : text) as Body,
    };
  }
}

/** What an operator is told on the stream. */
interface Told {
  events: AdminEvents;
  figures: OperatorFigures;
}

/** What comes on a stream, over a connection of its own. */
export class Listening {
  text = '';
  /** Whether the other side has ended it. */
  ended = false;

  constructor(private readonly response: IncomingMessage) {
    response.setEncoding('utf8');
    response.on('data', (text: string) => (this.text += text));
    response.on('close', () => (this.ended = true));
    response.on('error', () => undefined);
  }

  get status(): number | undefined {
    return this.response.statusCode;
  }

  get headers(): IncomingHttpHeaders {
    return this.response.headers;
  }

  /** What came as one kind of event, and its ids. */
  told<Kind extends keyof Told>(kind: Kind): { readonly id?: string; readonly data: Told[Kind] }[] {
    return this.text.split('\n\n').flatMap((block) => {
      const fields = new Map(
        block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]),
      );
      const data = fields.get('data');
      if (fields.get('event') !== kind || data === undefined) return [];
      return [{ id: fields.get('id'), data: JSON.parse(data) as Told[Kind] }];
    });
  }

  stop(): void {
    this.response.destroy();
  }
}

export function headersOf(caller: Caller): Record<string, string> {
  if (caller === 'nobody') return {};
  if (caller === 'operator') return { 'x-caller': 'operator' };
  return { 'x-caller': JSON.stringify({ kind: 'tenant', tenant: caller.tenant }) };
}

/** Boots such applications, listening, and closes those of each test behind it. */
export class AdminApps {
  private readonly apps = new CacheApps();

  async boot({ admin, ...options }: AdminBootOptions = {}): Promise<AdminApp> {
    const routes: Route[] = [];
    const prefix = options.cache?.prefix ?? ownPrefix();
    const app = await this.apps.boot({
      rawBody: true,
      ...options,
      cache: { prefix, ...options.cache },
      imports: [
        ...(options.imports ?? []),
        RedisCacheAdminModule.register(admin ?? { guards: [CallerGuard], values: 'write' }),
      ],
      prepare: (nest) => {
        if (options.http === 'fastify') collectFastify(nest, routes);
      },
    });
    await app.nest.listen(0, '127.0.0.1');
    if (options.http !== 'fastify') routes.push(...routesOfExpress(app.nest));
    return new AdminApp(app, await app.nest.getUrl(), routes, prefix);
  }
}

function collectFastify(nest: INestApplication, routes: Route[]): void {
  const fastify = (nest as NestFastifyApplication).getHttpAdapter().getInstance();
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) if (one !== 'HEAD') routes.push({ method: one, path: url });
  });
}

interface ExpressLayer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
}

function routesOfExpress(nest: INestApplication): Route[] {
  const express = nest.getHttpAdapter().getInstance() as { router: { stack: ExpressLayer[] } };
  return express.router.stack.flatMap(({ route }) =>
    route
      ? Object.keys(route.methods).map((method) => ({
          method: method.toUpperCase(),
          path: route.path,
        }))
      : [],
  );
}
