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
    const once = (): Promise<T> => (running ??= heeded(begin(run)));
    try {
      await trace(once);
    } catch (error) {
      if (!(await failsBy(once(), error))) this.onError(error);
    }
    return once();
  }

  private guardEntry(enter: Enter): Enter {
    return (fn) => {
      const once = onceOnly(fn);
      try {
        enter(once);
      } catch (error) {
        if (!throws(once, error)) this.onError(error);
      }
      return once();
    };
  }
}

/** A failure of the work is its callers' to hear of, however late a tracer lets them. */
function heeded<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

/** The work is done when it is first asked for, and comes to the same each time. */
function onceOnly<R>(work: () => R): () => R {
  let outcome: (() => R) | undefined;
  return () => (outcome ??= outcomeOf(work))();
}

function outcomeOf<R>(work: () => R): () => R {
  try {
    const value = work();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function throws(work: () => unknown, error: unknown): boolean {
  try {
    work();
    return false;
  } catch (own) {
    return own === error;
  }
}

async function failsBy(work: Promise<unknown>, error: unknown): Promise<boolean> {
  return work.then(
    () => false,
    (own: unknown) => own === error,
  );
}
