import { setImmediate } from 'node:timers/promises';

/** Lets everything run that can, sockets included, until `done`. */
export async function until(done: () => boolean): Promise<void> {
  while (!done()) await setImmediate();
}
