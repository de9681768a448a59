/**
 * How many of these calls, one after the other, wait for a timer or for anything outside the process:
 * one that does not has ended before the event loop turns, however busy the machine is.
 */
export async function callsThatWait(
  calls: number,
  call: (index: number) => Promise<unknown>,
): Promise<number> {
  let waited = 0;
  for (let index = 0; index < calls; index++) {
    const loop = { turned: false };
    const turn = setImmediate(() => {
      loop.turned = true;
    });
    await call(index);
    clearImmediate(turn);
    if (loop.turned) waited++;
  }
  return waited;
}
