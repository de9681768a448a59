import { isObservable, lastValueFrom } from 'rxjs';
import type { WarmOutcome, WarmProgress, WarmState } from '../cache/warm-progress.js';
import type { Clock } from '../resilience/clock.js';
import type { Permits } from '../resilience/permits.js';
import { outsideAnyCall } from '../resilience/outside-any-call.js';
import { runWithTenant } from '../tenancy/tenant-context.js';
import type { CacheWarmup, WarmContext, WarmStep } from './cache-warmup.interface.js';

/** What a run works with. */
export interface WarmRunParts {
  readonly clock: Clock;
  /** Those of all warmers together. */
  readonly permits: Permits;
  /** How many steps of one warmer may wait for a permit. */
  readonly concurrency: number;
  readonly tell: (progress: WarmProgress) => void;
}

type StepIterator = Iterator<WarmStep> | AsyncIterator<WarmStep>;

/** Progress is told this often at most. */
const TELL_EVERY_MS = 100;

/** Then what they ask is taken to be away, and spared. */
const MAX_FAILURES_IN_A_ROW = 20;

/** One run of one warmer. */
export class WarmRun {
  private readonly beganMs: number;
  private readonly counts = { done: 0, failed: 0 };
  private total: number | undefined;
  private error: unknown;
  private failuresInARow = 0;
  private toldAtMs = 0;
  private over = false;

  constructor(
    private readonly name: string,
    private readonly warmer: CacheWarmup,
    private readonly parts: WarmRunParts,
  ) {
    this.beganMs = parts.clock.nowMs();
  }

  /** Never rejects: what failed stands in {@link progress}. */
  async run(signal: AbortSignal): Promise<WarmOutcome> {
    this.tell('running');
    try {
      await this.warm(signal);
    } catch (error) {
      this.error = error;
      return 'failed';
    }
    if (signal.aborted) return 'stopped';
    const inVain = this.counts.failed > 0 && this.counts.done === 0;
    return inVain || this.sourceAway ? 'failed' : 'warmed';
  }

  progress(state: WarmState): WarmProgress {
    const { name: warmer, counts, total, error } = this;
    const durationMs = this.parts.clock.nowMs() - this.beganMs;
    return { warmer, state, ...counts, total, error, durationMs };
  }

  private get sourceAway(): boolean {
    return this.failuresInARow >= MAX_FAILURES_IN_A_ROW;
  }

  private async warm(signal: AbortSignal): Promise<void> {
    const { permits, concurrency } = this.parts;
    const expect = (total: number): void => {
      this.total = total;
    };
    const context: WarmContext = { signal, expect };
    const given: unknown = await permits.use(() =>
      outsideAnyCall(async () => this.warmer.warm(context)),
    );
    const steps = iteratorOf(given);
    if (!steps) {
      this.counts.done += 1;
      return;
    }
    if (Array.isArray(given)) this.total ??= given.length;
    const workers = Array.from({ length: concurrency }, () => this.work(steps, signal));
    const outcomes = await Promise.allSettled(workers);
    // Told to go, a generator still runs its `finally`.
    if (signal.aborted || this.sourceAway) await steps.return?.();
    const thrown = outcomes.find(({ status }) => status === 'rejected');
    if (thrown?.status === 'rejected') throw thrown.reason;
  }

  private async work(steps: StepIterator, signal: AbortSignal): Promise<void> {
    const { permits } = this.parts;
    while (!this.over && !signal.aborted && !this.sourceAway) {
      await permits.use(() => this.next(steps, signal));
    }
  }

  /** One turn: asks for a step and takes it. */
  private async next(steps: StepIterator, signal: AbortSignal): Promise<void> {
    // Others may have come to the end while this one waited for its turn.
    if (this.over || signal.aborted || this.sourceAway) return;
    let asked: IteratorResult<WarmStep, unknown>;
    try {
      asked = await outsideAnyCall(async () => steps.next());
    } catch (error) {
      this.over = true;
      throw error;
    }
    if (asked.done) this.over = true;
    else await this.take(asked.value);
  }

  private async take(step: WarmStep): Promise<void> {
    try {
      await outsideAnyCall(() => taken(step));
      this.counts.done += 1;
      this.failuresInARow = 0;
    } catch (error) {
      this.error ??= error;
      this.counts.failed += 1;
      this.failuresInARow += 1;
    }
    if (this.parts.clock.nowMs() - this.toldAtMs >= TELL_EVERY_MS) this.tell('running');
  }

  private tell(state: WarmState): void {
    this.toldAtMs = this.parts.clock.nowMs();
    this.parts.tell(this.progress(state));
  }
}

async function taken(step: WarmStep): Promise<void> {
  const result = typeof step === 'function' ? step() : runWithTenant(step.tenant, step.run);
  await (isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result);
}

function iteratorOf(given: unknown): StepIterator | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const iterable = given as Partial<Iterable<WarmStep> & AsyncIterable<WarmStep>>;
  return iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]?.();
}
