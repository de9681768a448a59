import { performance } from 'node:perf_hooks';
import type { INestApplicationContext } from '@nestjs/common';
import {
  CacheService,
  runWithTenant,
  type CacheMode,
  type RedisCacheModuleOptions,
} from 'nestjs-redis-cache';
import { bootCacheApp, inMode } from '../integration/support/cache-app.js';
import { callsThatWait } from '../integration/support/calls-that-wait.js';
import { eventually } from '../integration/support/eventually.js';
import { FAR_ALONE, LeadTraffic } from './lead-traffic.js';
import { StaleCheck } from './stale-check.js';
import { SteadyLoad, type LoadReport } from './steady-load.js';
import { VersionedSource } from './versioned-source.js';
import { Witness, type Testimony } from './witness.js';

/** How an application is booted; everything else is as by default. */
export interface LoadedAppOptions {
  readonly connection: RedisCacheModuleOptions['connection'];
  readonly sourceUrl: string;
}

/** What an application came to under load. */
export interface AppReport extends LoadReport, Testimony {
  /** Of the methods themselves, without a cache. */
  readonly slowestMethodMs: number;
  /** Answers older than allowed, also in a last look at every lead when all was quiet. */
  readonly staleReads: number;
  /** Older answers while the fault lasted, within what is documented. */
  readonly olderMeanwhile: number;
  /** Flights that have not ended when nobody calls any more. */
  readonly flightsLeft: number;
  /** How much more memory is in use than when the fault began. */
  readonly grownBytes: number;
}

const TENANT = 'acme';
const CALLERS = 16;
const WHOLE_WITHIN_MS = 30_000;

/** An application with a cache, under load, that checks every answer. */
export class LoadedApp {
  private readonly traffic: LeadTraffic;
  private readonly load: SteadyLoad;
  private before: { readonly witness: Witness; readonly heapBytes: number } | undefined;

  private constructor(
    private readonly app: INestApplicationContext,
    /** Of the same options, without load: it notices nothing, and is closed amid a fault. */
    private readonly idle: INestApplicationContext,
    private readonly source: VersionedSource,
    private readonly check: StaleCheck,
  ) {
    this.traffic = new LeadTraffic(app, source, check);
    this.load = new SteadyLoad(CALLERS, () => runWithTenant(TENANT, () => this.traffic.turn()));
  }

  /** Boots one that uses Redis, and puts it under load. */
  static async boot({ connection, sourceUrl }: LoadedAppOptions): Promise<LoadedApp> {
    const source = new VersionedSource(sourceUrl);
    const options: RedisCacheModuleOptions = {
      connection,
      // Whatever is kept by mistake is kept for long.
      defaults: { ttl: '1h', near: { ttl: '1h' } },
      caches: { [FAR_ALONE]: { near: false }, miss: { near: false } },
    };
    const boot = () =>
      bootCacheApp(options, [
        ...LeadTraffic.services,
        { provide: VersionedSource, useValue: source },
      ]);
    const [app, idle] = await Promise.all([boot(), boot()]);
    await Promise.all([app, idle].map((each) => inMode(each.get(CacheService), 'redis')));
    return new LoadedApp(app, idle, source, new StaleCheck(source, app.get(CacheService)));
  }

  /** Resolves when Redis is used, and the near tier too, for which the bus has to be proven. */
  async whole(): Promise<void> {
    const probe = this.caches.forTenant(TENANT).cache<number>('probe');
    const hits = () => this.caches.getStats().caches.probe?.nearHits ?? 0;
    await eventually(
      'both tiers are used',
      async () => {
        await probe.wrap('p', () => 1);
        const before = hits();
        await probe.wrap('p', () => 1);
        return this.caches.getStats().mode === 'redis' && hits() > before;
      },
      WHOLE_WITHIN_MS,
    );
  }

  inMode(mode: CacheMode): Promise<void> {
    return inMode(this.caches, mode);
  }

  /** @param cutOff whether it may keep from this process what others do */
  faultBegins(cutOff: boolean): void {
    this.before = { witness: new Witness(this.app), heapBytes: heapBytes() };
    this.check.mayBeCutOff = cutOff;
  }

  faultEnds(): void {
    this.check.mayBeCutOff = false;
  }

  /** How many of so many calls that have to load, one after the other, wait for anything. */
  missesThatWait(calls: number): Promise<number> {
    const cache = this.caches.forTenant(TENANT).cache<number>('miss');
    return callsThatWait(calls, (call) => cache.wrap(`miss-${call}`, () => call));
  }

  /** Closes the application without load. @returns how long it took, in milliseconds */
  async closeIdle(): Promise<number> {
    const beganMs = performance.now();
    await this.idle.close();
    return performance.now() - beganMs;
  }

  /** Ends the load, and waits until what was changed here holds for everybody. */
  async rest(): Promise<void> {
    await this.load.stop();
    await this.check.settled();
  }

  /** Looks at every lead once more, which nobody changes now. */
  async report(): Promise<AppReport> {
    if (!this.before) throw new Error('No fault has begun yet.');
    const { witness, heapBytes: bytesBefore } = this.before;
    const olderAtRest = await runWithTenant(TENANT, () => this.traffic.olderAtRest());
    const { broken, meanwhile } = this.check.result;
    return {
      ...(await this.load.stop()),
      ...witness.testimony,
      slowestMethodMs: this.source.slowestMs,
      staleReads: broken + olderAtRest,
      olderMeanwhile: meanwhile,
      flightsLeft: this.caches.getStats().flights,
      grownBytes: heapBytes() - bytesBefore,
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.load.stop(), this.check.stop()]);
    await Promise.all([this.app.close(), this.idle.close()]);
    this.source.close();
  }

  private get caches(): CacheService {
    return this.app.get(CacheService);
  }
}

function heapBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
