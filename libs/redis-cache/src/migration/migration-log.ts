import { Logger } from '@nestjs/common';
import { TypedEmitter } from '../resilience/emitter.js';
import type { Refusal } from './cache-side.js';
import type { MoveOutcome } from './entry-mover.js';
import type { MigrationEvents } from './migration-events.js';
import { MigrationCounters } from './migration-statistics.js';

/** Counts what happens to entries, and tells whoever listens. */
export class MigrationLog<K> {
  readonly counters = new MigrationCounters();
  readonly events: TypedEmitter<MigrationEvents<K>>;

  constructor(private readonly cache: string) {
    const logger = new Logger('RedisCache');
    this.events = new TypedEmitter((event, error) => {
      logger.error(`A listener of '${event}' of the migration of '${cache}' threw`, error);
    });
  }

  difference(key: K): void {
    this.counters.differing += 1;
    this.events.emit('difference', { cache: this.cache, key });
  }

  left(key: K, { reason, error }: Refusal): void {
    this.counters.left[reason] += 1;
    this.events.emit('left', { cache: this.cache, key, reason, error });
  }

  move(key: K, outcome: MoveOutcome): void {
    switch (outcome.kind) {
      case 'moved':
      case 'expired':
        this.counters[outcome.kind] += 1;
        return;
      case 'gone':
        return;
      case 'left':
        this.left(key, outcome);
        if (outcome.reason === 'differing') {
          this.events.emit('difference', { cache: this.cache, key });
        }
    }
  }
}
