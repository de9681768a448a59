import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 5;
const DEFAULT_WITHIN_MS = 5_000;

/**
 * Waits until `probe` gives something true: for the state of another process, which tells nobody of
 * its changes.
 *
 * @returns what `probe` gave
 * @throws it did not within the time
 */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  withinMs = DEFAULT_WITHIN_MS,
): Promise<NonNullable<T>> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (performance.now() > untilMs) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await sleep(PAUSE_MS);
  }
}

/** Fails instead of waiting for ever. */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = sleep(ms, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`Not within ${ms} ms: ${what}`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => undefined);
    timer.abort();
  }
}
