import type { FakeClock } from '../support/fake-clock.js';

/** Clocks go on by this much at a time, one after the other: as often as a lease is renewed. */
export const SLICE_MS = 1_000;
/** Whoever waits for a store that is late is looked after this often. */
const WAITING_MS = 50;

/** The clocks of Redis and of all processes, which go on together. */
export class ModelClocks {
  /** @param all those there are by now */
  constructor(private readonly all: () => readonly FakeClock[]) {}

  /** @param ms 0 lets promises settle */
  async advance(ms: number, sliceMs = SLICE_MS): Promise<void> {
    for (let leftMs = ms; leftMs >= 0; leftMs -= sliceMs) {
      for (const clock of this.all()) await clock.advance(Math.min(leftMs, sliceMs));
      if (leftMs === 0) return;
    }
  }

  /** What waits for a store that is late waits for a clock. */
  async waitFor(work: Promise<unknown>): Promise<void> {
    const state = { ended: false };
    const end = (): void => {
      state.ended = true;
    };
    work.then(end, end);
    await this.advance(0);
    while (!state.ended) await this.advance(WAITING_MS, WAITING_MS);
    await work;
  }
}
