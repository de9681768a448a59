import { failureKind, type FailureKind } from '../connection/failure-kind.js';
import { FarTimeoutError } from '../errors/far-tier.error.js';
import { isRedisCacheError } from '../errors/redis-cache.error.js';
import { begin } from '../resilience/begin.js';
import type { Reply } from '../resilience/reply.interface.js';
import type { FarLink, FarStore } from '../stores/far-store.interface.js';
import type { MissCause } from './cache-counters.js';
import type { EngineParts } from './engine-parts.js';
import type { ScopedEntry } from './entry-scope.js';
import type { FarBudget } from './far-budget.js';

/** Instead of an answer of the far tier. */
export class Away {
  readonly kind = 'away';

  /** @param reason `absent` where no entries are kept in Redis, so that nothing can be there */
  constructor(
    readonly reason: Extract<MissCause, 'absent' | 'suspended' | 'timeout' | 'refused'>,
  ) {}
}

const NOTHING_THERE = new Away('absent');
const SUSPENDED = new Away('suspended');
const LATE = new Away('timeout');
const REFUSED = new Away('refused');

export function isAway(answer: unknown): answer is Away {
  return answer instanceof Away;
}

/**
 * The one place where failures of Redis end: whatever goes wrong is counted and reported here, and
 * the call goes on without Redis.
 */
export class FarAccess {
  constructor(private readonly parts: EngineParts) {}

  /** The answer, or that Redis is away. */
  ask<T>(
    operation: string,
    ref: ScopedEntry,
    command: (far: FarStore) => Reply<T>,
  ): Promise<T | Away> {
    const { far, clock } = this.parts;
    if (!far?.available) return Promise.resolve(this.away);
    const beganMs = clock.nowMs();
    return this.traced(operation, ref, () => command(far)).then(
      (answer) => {
        this.took(ref, beganMs);
        return answer;
      },
      (error: unknown) => this.failed(operation, ref, error, beganMs),
    );
  }

  /**
   * The same for one command, within what the call may still spend on Redis.
   *
   * @param then what is made of the answer; see {@link FarReader.find} for why it is given
   */
  askWithin<T, R>(
    budget: FarBudget,
    operation: string,
    ref: ScopedEntry,
    command: (far: FarStore, budgetMs: number | undefined) => Reply<T>,
    then: (answer: T | Away) => R | Promise<R>,
  ): Promise<R> {
    return this.askOf(this.parts.far, budget, operation, ref, command, then);
  }

  /** The same of what needs no entries in Redis. */
  askLinkWithin<T, R>(
    budget: FarBudget,
    operation: string,
    ref: ScopedEntry,
    command: (link: FarLink, budgetMs: number | undefined) => Reply<T>,
    then: (answer: T | Away) => R | Promise<R>,
  ): Promise<R> {
    return this.askOf(this.parts.link, budget, operation, ref, command, then);
  }

  private askOf<L extends FarLink, T, R>(
    far: L | undefined,
    budget: FarBudget,
    operation: string,
    ref: ScopedEntry,
    command: (far: L, budgetMs: number | undefined) => Reply<T>,
    then: (answer: T | Away) => R | Promise<R>,
  ): Promise<R> {
    if (!far?.available) return Promise.resolve(this.away).then(then);
    const { clock } = this.parts;
    const beganMs = clock.nowMs();
    if (budget.exhausted) {
      const late = new FarTimeoutError(budget.totalMs);
      return Promise.resolve(this.failed(operation, ref, late, beganMs)).then(then);
    }
    return this.traced(operation, ref, () => begin(() => command(far, budget.limitMs))).then(
      (answer) => {
        ref.scope.activity.latency.far.record(budget.took(beganMs));
        return then(answer);
      },
      (error: unknown) => {
        budget.took(beganMs);
        return then(this.failed(operation, ref, error, beganMs));
      },
    );
  }

  /** Where Redis is not asked at all. */
  get away(): Away {
    return this.parts.far ? SUSPENDED : NOTHING_THERE;
  }

  /** Has work with Redis followed by whoever traces. */
  traced<T>(operation: string, ref: ScopedEntry, work: () => Reply<T>): Reply<T> {
    const { tracing } = this.parts;
    const { cache, tenant, redisKey } = ref;
    return tracing
      ? tracing.far({ operation, cache, tenant, redisKey }, () => work().then())
      : work();
  }

  /** Takes the time of work that began then. */
  took(ref: ScopedEntry, beganMs: number): void {
    ref.scope.activity.latency.far.record(this.parts.clock.nowMs() - beganMs);
  }

  /** Notes a failure of work that began then. */
  failed(operation: string, ref: ScopedEntry, error: unknown, beganMs: number): Away {
    if (isRedisCacheError(error) && error.code === 'FAR_UNAVAILABLE') return SUSPENDED;
    this.took(ref, beganMs);
    ref.scope.activity.counters.farErrors += 1;
    this.parts.events.emit('farError', { operation, error });
    return awayBy(failureKind(error));
  }
}

function awayBy(kind: FailureKind): Away {
  switch (kind) {
    case 'timeout':
      return LATE;
    case 'away':
      return SUSPENDED;
    case 'moved':
    case 'refused':
      return REFUSED;
  }
}
