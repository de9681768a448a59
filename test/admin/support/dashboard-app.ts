import type { AddressInfo, Server } from 'node:net';
import {
  Module,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CacheRolloutService, CacheService, RedisCacheModule } from 'nestjs-redis-cache';
import { RedisCacheAdminModule } from 'nestjs-redis-cache/admin';
import { RedisServerProcess } from '../../support/redis/redis-server.js';
import { ToxicProxy } from '../../support/redis/toxic-proxy.js';

/** What the keys of a test open. */
const PRINCIPALS: Readonly<Record<string, object>> = {
  'operator-key': { kind: 'operator' },
  'acme-key': { kind: 'tenant', tenant: 'acme' },
};

/** Named as nobody would name a cache, to see that a name is text and nothing else. */
export const HOSTILE = `<img src=x onerror="document.title='owned'">`;

class KeyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Record<string, unknown>>();
    const { 'x-key': key } = request.headers as Record<string, string | undefined>;
    const principal = PRINCIPALS[String(key)];
    if (!principal) throw new UnauthorizedException('Nobody has this key');
    request.cacheAdmin = principal;
    return true;
  }
}

/** An application with the dashboard, on a server of its own, behind a network that can fail. */
export class DashboardApp {
  private constructor(
    readonly redis: RedisServerProcess,
    readonly network: ToxicProxy,
    private readonly nest: INestApplication,
  ) {}

  static async start(): Promise<DashboardApp> {
    const redis = await RedisServerProcess.start();
    const cache = RedisCacheModule.forRoot({
      connection: { url: redis.url },
      prefix: 'dashboard',
      // A browser on the same cores keeps answers waiting. An outage is still told within two seconds.
      timeouts: { command: '500ms' },
      caches: { lead: { ttl: '10m' }, settings: { ttl: '1h', scope: 'global' }, [HOSTILE]: {} },
    });
    const admin = RedisCacheAdminModule.register({
      guards: [KeyGuard],
      values: 'read',
      page: { open: true, credentialHeader: 'x-key' },
    });
    class App {}
    Module({ imports: [cache, admin] })(App);
    const nest = await NestFactory.create(App, { logger: false });
    await nest.listen(0, '127.0.0.1');
    const server = nest.getHttpServer() as Server;
    const { port } = server.address() as AddressInfo;
    return new DashboardApp(redis, await ToxicProxy.before(port), nest);
  }

  get url(): string {
    return `http://127.0.0.1:${this.network.port}/admin/cache`;
  }

  get caches(): CacheService {
    return this.nest.get(CacheService);
  }

  get rollout(): CacheRolloutService {
    return this.nest.get(CacheRolloutService);
  }

  async stop(): Promise<void> {
    await this.network.close();
    await this.nest.close();
    await this.redis.stop();
  }
}
