import type { SlowLoad } from './admin.contract.js';

/** The slowest loads lately. */
export class SlowLoads {
  private slowest: readonly SlowLoad[] = [];

  constructor(
    private readonly max = 20,
    private readonly keptForMs = 900_000,
  ) {}

  note(load: SlowLoad): void {
    const last = this.slowest.at(-1);
    const oldestMs = load.atMs - this.keptForMs;
    // What is not slow enough is told apart at once: most loads are.
    if (last && this.slowest.length >= this.max && load.durationMs <= last.durationMs) {
      if (this.slowest.every(({ atMs }) => atMs >= oldestMs)) return;
    }
    this.slowest = [...this.lately(load.atMs), load]
      .sort((a, b) => b.durationMs - a.durationMs)
      .slice(0, this.max);
  }

  /** The slowest first. */
  lately(nowMs: number): readonly SlowLoad[] {
    return this.slowest.filter(({ atMs }) => atMs >= nowMs - this.keptForMs);
  }
}
