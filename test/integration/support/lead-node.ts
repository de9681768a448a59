import type { INestApplicationContext } from '@nestjs/common';
import { Redis } from 'ioredis';
import {
  CacheService,
  runWithTenant,
  type CacheMode,
  type CachePolicy,
  type CacheStatistics,
  type RedisCacheModuleOptions,
} from 'nestjs-redis-cache';
import { bootCacheApp, inMode } from './cache-app.js';
import { unfaithful } from './fidelity.js';
import { LeadSource, type Lead, type Step } from './lead-source.js';
import { LeadService } from './lead.service.js';

/** How a node is booted; plain data, so that it can be sent to another process. */
export interface LeadNodeOptions {
  readonly connection: RedisCacheModuleOptions['connection'];
  readonly prefix: string;
  readonly defaults?: CachePolicy;
  readonly caches?: Record<string, CachePolicy>;
  readonly timeouts?: RedisCacheModuleOptions['timeouts'];
  readonly bus?: RedisCacheModuleOptions['bus'];
  /** Where the database is, and what its keys begin with. */
  readonly source: { readonly url: string; readonly name: string };
}

/** What many callers at once were answered. */
export interface Answers {
  readonly leads: readonly Lead[];
  readonly errors: readonly string[];
}

/**
 * One application with a cache, in this process or in one of its own: there it obeys by messages, so
 * everything goes in and comes out as plain data.
 */
export class LeadNode {
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly app: INestApplicationContext,
    private readonly database: Redis,
  ) {}

  static async boot(options: LeadNodeOptions): Promise<LeadNode> {
    const { source: given, ...cacheOptions } = options;
    const database = new Redis(given.url);
    const source = new LeadSource(database, given.name);
    const app = await bootCacheApp(cacheOptions, [
      LeadService,
      { provide: LeadSource, useValue: source },
    ]);
    return new LeadNode(app, database);
  }

  /** See {@link inMode}. */
  async inMode(mode: CacheMode): Promise<void> {
    await inMode(this.caches, mode);
  }

  async read(tenant: string, id: string): Promise<Lead> {
    return runWithTenant(tenant, () => this.leads.byId(id));
  }

  /** Outside of every tenant. */
  async readForNobody(id: string): Promise<Lead> {
    return this.leads.byId(id);
  }

  /** The same by another cache, with a policy of its own. */
  async readBy(cache: string, tenant: string, id: string): Promise<Lead> {
    return this.caches
      .forTenant(tenant)
      .cache<Lead>(cache)
      .wrap(id, () => this.source.read(id));
  }

  /** Many callers at once. */
  async readMany(tenant: string, id: string, callers: number): Promise<Answers> {
    const calls = Array.from({ length: callers }, () => this.read(tenant, id));
    const settled = await Promise.allSettled(calls);
    return {
      leads: settled.flatMap((call) => (call.status === 'fulfilled' ? [call.value] : [])),
      errors: settled.flatMap((call) =>
        call.status === 'rejected' ? [(call.reason as Error).message] : [],
      ),
    };
  }

  /** Writes, and puts the new lead into the cache. */
  async rename(tenant: string, id: string, name: string): Promise<Lead> {
    return runWithTenant(tenant, () => this.leads.rename(id, name));
  }

  /** Writes, and sets the new lead in the cache. */
  async set(tenant: string, id: string, name: string): Promise<void> {
    const lead = await runWithTenant(tenant, () => this.source.write(id, name));
    await this.caches.forTenant(tenant).cache<Lead>('lead').set(id, lead);
  }

  /** Writes, and evicts the lead from the cache. */
  async change(tenant: string, id: string, name: string): Promise<void> {
    await runWithTenant(tenant, () => this.leads.change(id, name));
  }

  /** See {@link LeadSource.hold}. */
  async hold(step: Step, id: string): Promise<void> {
    this.source.hold(step, id);
    return Promise.resolve();
  }

  async reached(step: Step, id: string): Promise<void> {
    await this.source.reached(step, id);
  }

  async open(step: Step, id: string): Promise<void> {
    this.source.open(step, id);
    return Promise.resolve();
  }

  async fail(id: string, message?: string): Promise<void> {
    this.source.fail(id, message);
    return Promise.resolve();
  }

  async stats(): Promise<CacheStatistics> {
    return Promise.resolve(this.caches.getStats());
  }

  /** Names of the values that this node does not find in the cache as they were stored. */
  async unfaithful(tenant: string): Promise<string[]> {
    return unfaithful(this.caches.forTenant(tenant).cache('fidelity'));
  }

  close(): Promise<void> {
    this.closing ??= this.app.close().then(() => void this.database.quit());
    return this.closing;
  }

  private get leads(): LeadService {
    return this.app.get(LeadService);
  }

  private get source(): LeadSource {
    return this.app.get(LeadSource);
  }

  private get caches(): CacheService {
    return this.app.get(CacheService);
  }
}
