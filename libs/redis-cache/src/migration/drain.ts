import { knownFields, wholeNumber } from '../config/option-checks.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import type { DrainProgress } from './drain-progress.js';
import type { DifferingRule, MoveOutcome } from './entry-mover.js';
import { NOTHING_LEFT } from './migration-statistics.js';

/** What `drain` may be told. */
export interface DrainOptions<K> {
  /** How many entries are moved at a time. @default 16 */
  concurrency?: number;
  /** Ends the drain: entries under way are finished, and no other is begun. @default none */
  signal?: AbortSignal;
  /** The keys to move, for a Map that cannot list its own. @default its keys() */
  keys?: Iterable<K> | AsyncIterable<K>;
  /**
   * What becomes of an entry for which the cache has another value: `leave` leaves both as they are,
   * `cache-wins` removes that of the Map, `map-wins` overwrites that of the cache.
   * @default 'leave'
   */
  differing?: DifferingRule;
  /** Called after every entry; the event `drainProgress` tells the same. @default none */
  onProgress?: (progress: DrainProgress) => void;
}

/** The options with every default filled in. */
export interface ResolvedDrainOptions<K> {
  readonly concurrency: number;
  readonly signal: AbortSignal | undefined;
  readonly keys: Iterable<K> | AsyncIterable<K> | undefined;
  readonly differing: DifferingRule;
  readonly onProgress: (progress: DrainProgress) => void;
}

const RULES: readonly DifferingRule[] = ['leave', 'cache-wins', 'map-wins'];

const FIELDS = [
  'concurrency',
  'signal',
  'keys',
  'differing',
  'onProgress',
] satisfies (keyof DrainOptions<unknown>)[];

/** @throws {InvalidCacheOptionsError} naming option, received value, expectation and remedy */
export function resolveDrainOptions<K>(options: DrainOptions<K>): ResolvedDrainOptions<K> {
  knownFields(options, 'options of drain', FIELDS);
  const { concurrency = 16, signal, keys, differing = 'leave' } = options;
  wholeNumber(concurrency, 'concurrency of drain', 1);
  if (!RULES.includes(differing)) {
    throw new InvalidCacheOptionsError(
      'differing of drain',
      differing,
      `one of ${RULES.join(', ')}`,
      `Leave it out to leave such entries where they are, and look at them first.`,
    );
  }
  const { onProgress = () => undefined } = options;
  return { concurrency, signal, keys, differing, onProgress };
}

/** Moves many entries, some at a time. */
export class Drain<K> {
  private progress: DrainProgress;

  constructor(
    total: number | undefined,
    private readonly move: (key: K) => Promise<MoveOutcome>,
    private readonly onProgress: (progress: DrainProgress) => void,
  ) {
    this.progress = { seen: 0, total, moved: 0, expired: 0, gone: 0, left: NOTHING_LEFT };
  }

  /**
   * @returns what it has come to
   * @throws the reason of the signal, or what `move` or the keys throw, when all begun has ended
   */
  async run(
    keys: Iterable<K> | AsyncIterable<K>,
    concurrency: number,
    signal: AbortSignal | undefined,
  ): Promise<DrainProgress> {
    const underWay = new Set<Promise<void>>();
    let failure: { readonly error: unknown } | undefined;
    const begin = (key: K): void => {
      const work = this.moveOne(key)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => underWay.delete(work));
      underWay.add(work);
    };
    try {
      signal?.throwIfAborted();
      for await (const key of keys) {
        begin(key);
        if (underWay.size >= concurrency) await Promise.race(underWay);
        signal?.throwIfAborted();
        if (failure) break;
      }
    } finally {
      await Promise.all(underWay);
    }
    signal?.throwIfAborted();
    if (failure) throw failure.error;
    return this.progress;
  }

  private async moveOne(key: K): Promise<void> {
    const outcome = await this.move(key);
    this.progress = counted(this.progress, outcome);
    this.onProgress(this.progress);
  }
}

function counted(before: DrainProgress, outcome: MoveOutcome): DrainProgress {
  const { left } = before;
  const seen = before.seen + 1;
  if (outcome.kind !== 'left') return { ...before, seen, [outcome.kind]: before[outcome.kind] + 1 };
  const { reason } = outcome;
  return { ...before, seen, left: { ...left, [reason]: left[reason] + 1 } };
}
