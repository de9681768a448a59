import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { CacheEvents } from '../cache/cache-events.js';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import type { EntryRef } from '../cache/entry-ref.js';
import { CACHE_RUNTIME } from '../constants/injection.tokens.js';
import type { AdminEvent } from './admin.contract.js';
import { ADMIN_OPTIONS, type ResolvedAdminOptions } from './admin.options.js';
import { EventLog } from './event-log.js';
import { SlowLoads } from './slow-loads.js';
import { TELL } from './tell-event.js';

/** Writes down what the cache tells of. */
@Injectable()
export class EventRecorder implements OnModuleInit, OnModuleDestroy {
  readonly log: EventLog;
  readonly loads = new SlowLoads();
  private readonly stops: (() => void)[] = [];

  constructor(
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(ADMIN_OPTIONS) { maxEvents }: ResolvedAdminOptions,
  ) {
    this.log = new EventLog(maxEvents);
  }

  onModuleInit(): void {
    for (const type of Object.keys(TELL) as AdminEvent['type'][]) this.record(type);
    // A load that failed is told of twice, in this order and at once.
    let failed: EntryRef | undefined;
    this.listen('loadError', ({ entry }) => (failed = entry));
    this.listen('load', ({ entry, durationMs }) => {
      const { tenant, cache, key } = entry;
      const load = { durationMs, failed: failed === entry, tenant, cache, key };
      this.loads.note({ atMs: Date.now(), ...load });
      failed = undefined;
    });
  }

  onModuleDestroy(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  private record(type: AdminEvent['type']): void {
    const { keys } = this.runtime;
    const tell = TELL[type];
    this.listen(type, (payload) => {
      const told = tell(payload as never, keys);
      if (told) this.log.note({ type, ...told }, Date.now());
    });
  }

  private listen<E extends keyof CacheEvents>(
    event: E,
    listener: (payload: CacheEvents[E]) => unknown,
  ): void {
    this.stops.push(this.runtime.events.on(event, listener));
  }
}
