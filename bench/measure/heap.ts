import { setImmediate } from 'node:timers/promises';

/** What the memory of this process has grown by once `work` is over and its garbage is gone. */
export async function heapGrowth(work: () => Promise<void>): Promise<number> {
  const before = await bytesHeld();
  await work();
  return (await bytesHeld()) - before;
}

/** What `work` has made on the heap, garbage included; undefined if a collection came in between. */
export async function bytesAllocated(work: () => Promise<void>): Promise<number | undefined> {
  await bytesHeld();
  const before = process.memoryUsage().heapUsed;
  await work();
  const made = process.memoryUsage().heapUsed - before;
  return made > 0 ? made : undefined;
}

async function bytesHeld(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    collect();
    // What finalizers and closed sockets hold goes in the turns after.
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function collect(): void {
  if (!globalThis.gc) throw new Error('Start Node with --expose-gc.');
  globalThis.gc();
}
