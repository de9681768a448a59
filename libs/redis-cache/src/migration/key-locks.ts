/**
 * One piece of work at a time for each key, in the order of the calls. Where nothing is in the way it
 * begins within the call.
 */
export class KeyLocks {
  private readonly tails = new Map<string, Promise<void>>();
  private barrier: Promise<void> | undefined;

  /** Runs `work` when all that came before it for the same key has ended, well or not. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    while (this.barrier) await this.barrier;
    const before = this.tails.get(key);
    const running = before ? before.then(work) : work();
    const tail = settled(running);
    this.tails.set(key, tail);
    try {
      return await running;
    } finally {
      if (this.tails.get(key) === tail) this.tails.delete(key);
    }
  }

  /** Runs `work` when all that is running has ended; what comes meanwhile waits for it. */
  async exclusively<T>(work: () => T | Promise<T>): Promise<T> {
    while (this.barrier) await this.barrier;
    const running = Promise.all(this.tails.values()).then(work);
    const barrier = settled(running).then(() => {
      this.barrier = undefined;
    });
    this.barrier = barrier;
    try {
      return await running;
    } finally {
      await barrier;
    }
  }
}

function settled(work: Promise<unknown>): Promise<void> {
  return work.then(
    () => undefined,
    () => undefined,
  );
}
