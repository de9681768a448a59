import { setImmediate } from 'node:timers/promises';

/** Less than a test may take: one that waits in vain is to fail and end, not to keep the run from its end. */
const LONGEST_WAIT_MS = 20_000;

/** Lets everything run that can, sockets included, until `done`. */
export async function until(done: () => boolean): Promise<void> {
  const endMs = performance.now() + LONGEST_WAIT_MS;
  while (!done()) {
    if (performance.now() > endMs)
      throw new Error(`Not within ${LONGEST_WAIT_MS} ms: ${String(done)}`);
    await setImmediate();
  }
}
