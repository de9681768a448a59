import type { INestApplicationContext, LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  CacheService,
  RedisCacheModule,
  type RedisCacheModuleOptions,
  type RedisConnectionOptions,
} from 'nestjs-redis-cache';
import { eventually } from '../../integration/support/eventually.js';

/** One application of several on one server. */
export class CoherentNode {
  readonly caches: CacheService;
  loads = 0;

  private constructor(private readonly app: INestApplicationContext) {
    this.caches = app.get(CacheService).forTenant('acme');
  }

  static async boot(
    connection: string | RedisConnectionOptions,
    options: Partial<RedisCacheModuleOptions> = {},
    logger: LoggerService | false = false,
  ): Promise<CoherentNode> {
    const app = await NestFactory.createApplicationContext(
      {
        module: class {},
        imports: [
          RedisCacheModule.forRoot({
            connection: typeof connection === 'string' ? { url: connection } : connection,
            defaults: { near: { ttl: '1h' } },
            // A busy machine is no outage.
            timeouts: { command: '500ms' },
            ...options,
          }),
        ],
      } as never,
      { logger },
    );
    const node = new CoherentNode(app);
    await node.trusted();
    return node;
  }

  get mode(): string {
    return this.caches.getStats().mode;
  }

  read(value: unknown, tags: string[] = []): Promise<unknown> {
    return this.caches.wrap('k', () => (this.loads++, value), { tags });
  }

  /** Until it hears the others: a read is answered by the near tier then. */
  async trusted(): Promise<void> {
    await eventually('the bus is proven', async () => {
      const probe = () => this.caches.cache('probe').wrap('p', () => 1);
      await probe();
      const before = this.caches.getStats().total.nearHits;
      await probe();
      return this.mode === 'redis' && this.caches.getStats().total.nearHits > before;
    });
  }

  async close(): Promise<void> {
    await this.app.close();
  }
}
