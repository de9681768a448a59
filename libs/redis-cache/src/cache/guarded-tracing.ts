import { begin } from '../resilience/begin.js';
import type { CacheTracing, FarWork } from './cache-tracing.js';
import type { EntryRef } from './entry-ref.js';

type Enter = <R>(fn: () => R) => R;

/** Without a trace. */
const plainly: Enter = (fn) => fn();

/**
 * A tracer that disturbs nothing. Whatever it does, work is done once, and what the work comes to is
 * answered.
 */
export class GuardedTracing implements CacheTracing {
  constructor(
    private readonly tracing: CacheTracing,
    private readonly onError: (error: unknown) => void,
  ) {}

  far<T>(work: FarWork, run: () => Promise<T>): Promise<T> {
    return this.guard((once) => this.tracing.far(work, once), run);
  }

  load<T>(entry: EntryRef, run: (enter: Enter) => T | Promise<T>): Promise<T> {
    let entering = plainly;
    const trace = (once: () => Promise<T>) =>
      this.tracing.load(entry, (enter) => {
        entering = this.guardEntry(enter);
        return once();
      });
    return this.guard(trace, async () => run(entering));
  }

  carry(): Enter {
    try {
      return this.guardEntry(this.tracing.carry());
    } catch (error) {
      this.onError(error);
      return plainly;
    }
  }

  /** @param trace is given the work, and may do it or not */
  private async guard<T>(
    trace: (once: () => Promise<T>) => Promise<T>,
    run: () => Promise<T>,
  ): Promise<T> {
    let running: Promise<T> | undefined;
    const once = (): Promise<T> => (running ??= begin(run));
    try {
      await trace(once);
    } catch (error) {
      if (!(await failsBy(once(), error))) this.onError(error);
    }
    return once();
  }

  private guardEntry(enter: Enter): Enter {
    return (fn) => {
      const work = { hasBegun: false };
      try {
        return enter(() => {
          work.hasBegun = true;
          return fn();
        });
      } catch (error) {
        if (work.hasBegun) throw error;
        this.onError(error);
        return fn();
      }
    };
  }
}

async function failsBy(work: Promise<unknown>, error: unknown): Promise<boolean> {
  return work.then(
    () => false,
    (own: unknown) => own === error,
  );
}
