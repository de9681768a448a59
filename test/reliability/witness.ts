import type { INestApplicationContext } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { CacheService } from 'nestjs-redis-cache';
import { REDIS_CLIENT } from '../../libs/redis-cache/src/constants/injection.tokens.js';

/** What an application said of a fault. */
export interface Testimony {
  /** Why Redis was away, and what it refused; each text once. */
  readonly reasons: readonly string[];
  /** Times that it was found to be away. */
  readonly outages: number;
  /** Pauses before a new connection, in milliseconds. */
  readonly reconnectPausesMs: readonly number[];
  /** Listeners on the client, by event: when all began, and now. */
  readonly listeners: readonly [Record<string, number>, Record<string, number>];
}

const MAX_REASONS = 100;

/** Listens to an application. */
export class Witness {
  private readonly reasons = new Set<string>();
  private readonly reconnectPausesMs: number[] = [];
  private readonly client: Redis;
  private readonly listenersAtStart: Record<string, number>;
  private outages = 0;

  constructor(app: INestApplicationContext) {
    const caches = app.get(CacheService);
    this.client = app.get<Redis>(REDIS_CLIENT);
    caches.on('state', ({ from, to }) => {
      // What is known of an outage when it ends says more than what was at its beginning.
      if (from.kind === 'suspended') this.note(from.reason);
      if (to.kind !== 'suspended') return;
      this.note(to.reason);
      if (from.kind === 'ready') this.outages += 1;
    });
    caches.on('farError', ({ error }) => this.note(String(error)));
    caches.on('backgroundError', ({ error }) => this.note(String(error)));
    this.client.on('reconnecting', (pauseMs: number) => this.reconnectPausesMs.push(pauseMs));
    this.listenersAtStart = this.listeners;
  }

  /** What it has heard so far. */
  get testimony(): Testimony {
    const { outages, reconnectPausesMs } = this;
    const listeners = [this.listenersAtStart, this.listeners] as const;
    return { reasons: [...this.reasons], outages, reconnectPausesMs, listeners };
  }

  private note(reason: string): void {
    if (this.reasons.size < MAX_REASONS) this.reasons.add(reason);
  }

  private get listeners(): Record<string, number> {
    return Object.fromEntries(
      this.client.eventNames().map((name) => [String(name), this.client.listenerCount(name)]),
    );
  }
}
