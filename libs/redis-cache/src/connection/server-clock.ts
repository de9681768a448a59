import type { Clock } from '../resilience/clock.js';
import { failureKind } from './failure-kind.js';

interface Sample {
  readonly offsetMs: number;
  readonly roundTripMs: number;
  readonly takenAtMs: number;
}

/** How long the best sample stands before any younger one replaces it: clocks drift. */
const SAMPLE_LIFE_MS = 60_000;

/**
 * The clock of the server as far as it is known here: the local clock, and an offset that replies of
 * the server teach. Until the first of them it is the local clock.
 */
export class ServerClock {
  #best: Sample | undefined;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param hereMs the local time that is asked for; now by default */
  nowMs(hereMs = this.#clock.nowMs()): number {
    return hereMs + (this.#best?.offsetMs ?? 0);
  }

  /**
   * Takes the time in a reply, which the server told somewhere between the two local times. The closer
   * together they are, the more the reply says, so of recent samples the tightest counts.
   */
  learn(serverMs: number, sentAtMs: number, receivedAtMs: number): void {
    const roundTripMs = receivedAtMs - sentAtMs;
    if (!Number.isFinite(serverMs) || !(roundTripMs >= 0)) return;
    const best = this.#best;
    const recent = best !== undefined && receivedAtMs - best.takenAtMs < SAMPLE_LIFE_MS;
    if (recent && roundTripMs > best.roundTripMs) return;
    const offsetMs = serverMs - (sentAtMs + receivedAtMs) / 2;
    this.#best = { offsetMs, roundTripMs, takenAtMs: receivedAtMs };
  }

  /**
   * Asks the server, which may be another one than before, so that no earlier sample counts. A user
   * who may not run `TIME` is left with what other replies teach.
   */
  async ask(time: () => Promise<readonly (number | string)[]>): Promise<void> {
    const sentAtMs = this.#clock.nowMs();
    try {
      const [seconds, microseconds] = await time();
      if (this.#best) this.#best = { ...this.#best, takenAtMs: -Infinity };
      const serverMs = Number(seconds) * 1_000 + Number(microseconds) / 1_000;
      this.learn(serverMs, sentAtMs, this.#clock.nowMs());
    } catch (error) {
      if (failureKind(error) !== 'refused') throw error;
    }
  }
}
