import { setImmediate } from 'node:timers/promises';
import { CACHE_MANAGER, CacheModule, type Cache } from '@nestjs/cache-manager';
import type { ModuleMetadata } from '@nestjs/common';
import { runWithTenant, tenantMiddleware, type RedisCacheModuleOptions } from 'nestjs-redis-cache';
import { CacheManagerModule, type CacheManagerOptions } from 'nestjs-redis-cache/cache-manager';
import type { BootOptions, CacheApp, CacheApps, Tier } from '../../support/cache-apps.js';
import { PriceModule } from './prices.js';

/** Whose cache an application has: that of @nestjs/cache-manager in a Map, or ours. */
export type Behind = 'a Map' | Tier;

interface PriceAppOptions {
  readonly http?: BootOptions['http'];
  readonly manager?: CacheManagerOptions;
  readonly cache?: Omit<RedisCacheModuleOptions, 'connection'>;
  readonly logger?: BootOptions['logger'];
  readonly imports?: ModuleMetadata['imports'];
  readonly controllers?: ModuleMetadata['controllers'];
  readonly providers?: ModuleMetadata['providers'];
}

interface Headers {
  readonly headers: Readonly<Record<string, string | undefined>>;
}

const SILENT = { log: noop, error: noop, warn: noop };

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly cached: string | null;
}

/** An application whose callers say in a header who they are, which no other should let them. */
export class PriceApp {
  constructor(
    readonly app: CacheApp,
    private readonly url: string,
  ) {}

  get(path: string, tenant?: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask('GET', path, tenant, headers);
  }

  post(path: string, tenant?: string): Promise<Answer> {
    return this.ask('POST', path, tenant);
  }

  /** `CacheInterceptor` answers before it has stored. */
  async stored(key: string, tenant: string): Promise<unknown> {
    const manager = this.manager();
    for (;;) {
      const value: unknown = await runWithTenant(tenant, () => manager.get(key));
      if (value !== undefined) return value;
      await setImmediate();
    }
  }

  manager(): Cache {
    return this.app.nest.get<Cache>(CACHE_MANAGER, { strict: false });
  }

  private async ask(
    method: string,
    path: string,
    tenant?: string,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const all = tenant === undefined ? headers : { ...headers, 'x-tenant': tenant };
    const response = await fetch(`${this.url}/prices/${path}`, { method, headers: all });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const body: unknown = isJson ? JSON.parse(text) : text;
    return { status: response.status, body, cached: response.headers.get('x-cache') };
  }
}

export async function bootPrices(
  apps: CacheApps,
  behind: Behind,
  { http, manager = {}, cache, logger = SILENT, imports = [], ...metadata }: PriceAppOptions = {},
): Promise<PriceApp> {
  const app = await apps.boot({
    ...metadata,
    tier: behind === 'a Map' ? 'memory' : behind,
    http,
    cache,
    logger,
    imports: [
      behind === 'a Map'
        ? CacheModule.register({ isGlobal: true })
        : CacheManagerModule.register({ isGlobal: true, ...manager }),
      PriceModule,
      ...imports,
    ],
    prepare: (nest) => {
      const tenantOf = ({ headers }: Headers) => headers['x-tenant'];
      nest.use(tenantMiddleware<Headers>(tenantOf));
    },
  });
  await app.nest.listen(0, '127.0.0.1');
  return new PriceApp(app, await app.nest.getUrl());
}

function noop(): void {
  return undefined;
}
