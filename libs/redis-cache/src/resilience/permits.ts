/** Lets a number of things run at once; whoever comes after that waits for its turn, in order. */
export class Permits {
  private readonly waiting: (() => void)[] = [];
  private free: number;

  /** @param count how many at once, from 1 */
  constructor(count: number) {
    this.free = count;
  }

  /** Runs `work` when it is its turn. */
  async use<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}
