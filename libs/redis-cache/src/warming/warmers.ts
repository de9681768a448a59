import type { CacheEvents } from '../cache/cache-events.js';
import type { SoleWork } from '../cache/sole-work.js';
import type { WarmOutcome, WarmProgress, WarmState } from '../cache/warm-progress.js';
import type { Clock } from '../resilience/clock.js';
import type { TypedEmitter } from '../resilience/emitter.js';
import { Permits } from '../resilience/permits.js';
import type { CacheWarmup } from './cache-warmup.interface.js';
import { WarmRun } from './warm-run.js';

/** How warmers are run. */
export interface WarmingSettings {
  readonly concurrency: number;
  readonly leaseMs: number;
  /** How long a warmer counts as done for processes that boot. */
  readonly freshMs: number;
}

/** What warmers are run with. */
export interface WarmersParts {
  readonly clock: Clock;
  readonly events: TypedEmitter<CacheEvents>;
  readonly soleWork: SoleWork;
  readonly settings: WarmingSettings;
}

/** Told once, however often it is tried again. */
const LEFT: readonly WarmState[] = ['elsewhere', 'away'];

/** All warmers of an application: each runs once at a time, in this process and in all of them. */
export class Warmers {
  private readonly running = new Map<string, Promise<WarmProgress>>();
  private readonly lastTold = new Map<string, WarmState>();
  private readonly permits: Permits;
  private readonly closing = new AbortController();

  constructor(
    private readonly warmers: ReadonlyMap<string, CacheWarmup>,
    private readonly parts: WarmersParts,
  ) {
    this.permits = new Permits(parts.settings.concurrency);
  }

  get names(): string[] {
    return [...this.warmers.keys()];
  }

  /**
   * Runs a warmer, or joins the run of it that is under way here. Never rejects.
   *
   * @param unlessDone leaves it if a process has done it lately
   * @returns how it ended
   */
  warm(name: string, unlessDone: boolean): Promise<WarmProgress> {
    const known = this.running.get(name);
    if (known) return known;
    const run = this.run(name, unlessDone).finally(() => this.running.delete(name));
    this.running.set(name, run);
    return run;
  }

  /** Has what is running end, and waits for it. Nothing is begun any more. */
  async stop(): Promise<void> {
    this.closing.abort(new DOMException('The application is closing', 'AbortError'));
    await Promise.all(this.running.values());
  }

  private async run(name: string, unlessDone: boolean): Promise<WarmProgress> {
    const { clock, soleWork, settings } = this.parts;
    const { concurrency, leaseMs, freshMs } = settings;
    const { permits } = this;
    const warmer = this.warmers.get(name) as CacheWarmup;
    const tell = (progress: WarmProgress) => this.tell(progress);
    const run = new WarmRun(name, warmer, { clock, permits, concurrency, tell });
    const lease = { leaseMs, doneMs: freshMs, unlessDone };
    let outcome: WarmOutcome = 'stopped';
    const came = this.closed
      ? 'done'
      : await soleWork.run('warm', name, lease, async (lost) => {
          // It may be closed while the lease is asked for.
          if (this.closed) return false;
          outcome = await this.abortable(lost, (signal) => run.run(signal));
          return outcome === 'warmed';
        });
    if (came !== 'done') outcome = came;
    const end = run.progress(outcome);
    this.tell(end);
    return end;
  }

  private get closed(): boolean {
    return this.closing.signal.aborted;
  }

  /** Runs `work` with a signal of its own, so that nothing is left behind on that of the closing. */
  private async abortable<T>(
    lost: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    const abort = ({ target }: Event) => controller.abort((target as AbortSignal).reason);
    const sources = [lost, this.closing.signal];
    for (const source of sources) source.addEventListener('abort', abort);
    try {
      return await work(controller.signal);
    } finally {
      for (const source of sources) source.removeEventListener('abort', abort);
    }
  }

  private tell(progress: WarmProgress): void {
    const { warmer, state } = progress;
    if (LEFT.includes(state) && this.lastTold.get(warmer) === state) return;
    this.lastTold.set(warmer, state);
    this.parts.events.emit('warming', progress);
  }
}
