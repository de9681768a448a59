/**
 * How many of these calls, one after the other, wait for a timer or for anything outside the process:
 * one that does not has ended before Node runs out of microtasks, however busy the machine is.
 */
export async function callsThatWait(
  calls: number,
  call: (index: number) => Promise<unknown>,
): Promise<number> {
  let waited = 0;
  for (let index = 0; index < calls; index++) {
    const microtasks = { over: false };
    // A tick that is asked for by a microtask comes behind all of them, and before timers and replies.
    await Promise.resolve();
    process.nextTick(() => {
      microtasks.over = true;
    });
    await call(index);
    if (microtasks.over) waited++;
  }
  return waited;
}
