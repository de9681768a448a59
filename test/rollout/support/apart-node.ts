import { type CacheService, type RedisCacheModuleOptions } from 'nestjs-redis-cache';
import { until } from '../../support/until.js';
import type { CacheApp, CacheApps } from '../../support/cache-apps.js';

export interface ApartNodeOptions {
  readonly url: string;
  readonly prefix: string;
  /** Whether it keeps entries in Redis. */
  readonly far: boolean;
  readonly cache?: Partial<RedisCacheModuleOptions>;
}

/** What a method of the application would find in its source. */
export class Source {
  value = 'old';
}

/** An application that keeps its entries in Redis, or apart from it. */
export class ApartNode {
  readonly caches: CacheService;
  loads = 0;

  private constructor(
    readonly app: CacheApp,
    private readonly source: Source,
  ) {
    this.caches = app.caches.forTenant('acme');
  }

  /** Resolves once it is connected and hears the others. */
  static async boot(
    apps: CacheApps,
    source: Source,
    { url, prefix, far, cache }: ApartNodeOptions,
  ): Promise<ApartNode> {
    const options: RedisCacheModuleOptions = {
      connection: { url },
      prefix,
      far,
      // A busy machine is no outage.
      timeouts: { command: '500ms' },
      bus: { silence: '10s' },
      ...cache,
    };
    const node = new ApartNode(await apps.boot({ cache: options }), source);
    await node.connected();
    return node;
  }

  get statistics() {
    return this.caches.getStats();
  }

  /** Of the lead `k`, which has a tag. */
  read(): Promise<unknown> {
    const load = () => (this.loads++, this.source.value);
    return this.caches.cache('lead').wrap('k', load, { tags: ['lead:1'] });
  }

  async connected(): Promise<void> {
    await until(() => this.statistics.connection === 'ready' && this.statistics.bus.trusted);
  }

  async away(): Promise<void> {
    await until(() => this.statistics.connection === 'suspended');
  }

  /** Resolves when it is told of the next eviction by another process. */
  told(): Promise<unknown> {
    return new Promise((resolve) => this.caches.on('remoteInvalidation', resolve));
  }

  async stop(): Promise<void> {
    await this.app.nest.close();
  }
}
