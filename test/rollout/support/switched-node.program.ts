import { setImmediate, setTimeout } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import {
  CacheRolloutService,
  CacheService,
  RedisCacheModule,
  type Cache,
  type RolloutPolicy,
} from 'nestjs-redis-cache';
import { serveObject } from '../../support/serve-object.js';
import {
  KEYS,
  SwitchedSource,
  type SwitchedNode,
  type SwitchedNodeOptions,
  type SwitchedReport,
} from './switched-node.js';

const CACHE = 'lead';
const READERS = 4;
/** Between two writes: most reads are to find something. */
const WRITE_EVERY_MS = 15;

class LoadedNode implements SwitchedNode {
  private readonly floors = new Map<string, number>();
  private readonly caches = new Map<string, Cache<number>>();
  private readonly stale: string[] = [];
  private readonly errors: string[] = [];
  private readonly rollout: CacheRolloutService;
  private reads = 0;
  private writes = 0;
  private running = true;
  private closing: Promise<void> | undefined;
  private readonly work: Promise<unknown>;

  private constructor(
    private readonly app: INestApplicationContext,
    private readonly source: SwitchedSource,
    private readonly tenants: readonly string[],
  ) {
    this.rollout = app.get(CacheRolloutService);
    for (const tenant of tenants) {
      this.caches.set(tenant, app.get(CacheService).forTenant(tenant).cache(CACHE));
    }
    const readers = Array.from({ length: READERS }, (_, i) => this.keepReading(i));
    this.work = Promise.all([...readers, this.keepWriting()]);
  }

  static async start({ url, prefix, tenants, far }: SwitchedNodeOptions): Promise<LoadedNode> {
    const root = RedisCacheModule.forRoot({
      connection: { url },
      prefix,
      far,
      // A busy machine is no outage.
      timeouts: { command: '10s' },
      bus: { silence: '10s' },
    });
    const app = await NestFactory.createApplicationContext(root, { logger: ['error', 'warn'] });
    const caches = app.get(CacheService);
    const isReady = (): boolean => {
      const { connection, bus } = caches.getStats();
      return connection === 'ready' && bus.trusted;
    };
    while (!isReady()) await setImmediate();
    return new LoadedNode(app, new SwitchedSource(url, prefix), tenants);
  }

  async set(rollout: RolloutPolicy): Promise<number> {
    const { version, shared } = await this.rollout.set(CACHE, rollout);
    if (!shared) this.errors.push(`version ${version} was not shared`);
    return version;
  }

  async evict(item: string): Promise<void> {
    const [tenant, key] = item.split('/') as [string, string];
    await this.cacheOf(tenant).del(key);
  }

  async heard(version: number): Promise<void> {
    while (this.rollout.get(CACHE).version < version) await setImmediate();
  }

  raise(floors: Readonly<Record<string, number>>): Promise<void> {
    for (const [item, version] of Object.entries(floors)) this.raiseTo(item, version);
    return Promise.resolve();
  }

  report(): Promise<SwitchedReport> {
    const { reads, writes, stale, errors } = this;
    const { total } = this.app.get(CacheService).getStats();
    const hits = total.nearHits + total.farHits;
    return Promise.resolve({ reads, writes, hits, bypassed: total.bypassed, stale, errors });
  }

  /** Whoever makes another one in its place closes it again. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    this.running = false;
    await this.work;
    await this.app.close();
    await this.source.close();
  }

  private async keepReading(reader: number): Promise<void> {
    for (let i = reader; this.running; i += 1) {
      const tenant = this.tenants[i % this.tenants.length] as string;
      const key = KEYS[i % 3 === 0 ? 0 : 1];
      const item = `${tenant}/${key}`;
      const floor = this.floors.get(item) ?? 0;
      try {
        const version = await this.cacheOf(tenant).wrap(key, () => this.source.read(item));
        if (version < floor) this.stale.push(`${item}: ${version} after ${floor}`);
      } catch (error) {
        this.errors.push(String(error));
      }
      this.reads += 1;
      // Near hits alone would let nothing else run.
      if (i % 16 === 0) await setImmediate();
    }
  }

  private async keepWriting(): Promise<void> {
    for (let i = 0; this.running; i += 1) {
      const tenant = this.tenants[i % this.tenants.length] as string;
      const item = `${tenant}/${KEYS[0]}`;
      try {
        const version = await this.source.change(item);
        await this.cacheOf(tenant).del(KEYS[0]);
        this.raiseTo(item, version);
      } catch (error) {
        this.errors.push(String(error));
      }
      this.writes += 1;
      await setTimeout(WRITE_EVERY_MS);
    }
  }

  private cacheOf(tenant: string): Cache<number> {
    return this.caches.get(tenant) as Cache<number>;
  }

  private raiseTo(item: string, version: number): void {
    this.floors.set(item, Math.max(version, this.floors.get(item) ?? 0));
  }
}

serveObject((options: SwitchedNodeOptions) => LoadedNode.start(options));
