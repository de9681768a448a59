import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { LostTime } from './lost-time.js';

/** What a load came to. */
export interface LoadReport {
  readonly calls: number;
  /** Messages of the errors that reached a caller. */
  readonly errors: readonly string[];
  /** The slowest call of each kind, without the time in which this process could do nothing. */
  readonly slowestMs: Readonly<Record<string, number>>;
}

/** One call of a caller; returns of which kind it was. */
export type Call = (turn: number) => Promise<string>;

const PAUSE_MS = 10;

/** Callers that go on asking until they are told to stop. */
export class SteadyLoad {
  private readonly lostTime = new LostTime();
  private readonly errors: string[] = [];
  private readonly callers: Promise<void>[];
  private stopped = false;
  private turns = 0;
  private readonly slowestMs: Record<string, number> = {};

  constructor(
    callers: number,
    private readonly call: Call,
  ) {
    this.callers = Array.from({ length: callers }, () => this.goOn());
  }

  /** Ends it once every caller has its answer. */
  async stop(): Promise<LoadReport> {
    this.stopped = true;
    await Promise.all(this.callers);
    this.lostTime.stop();
    const { turns: calls, errors, slowestMs } = this;
    return { calls, errors, slowestMs };
  }

  private async goOn(): Promise<void> {
    while (!this.stopped) {
      await this.take(this.turns++);
      await sleep(PAUSE_MS * (0.5 + Math.random()));
    }
  }

  private async take(turn: number): Promise<void> {
    const beganMs = performance.now();
    const lostMs = this.lostTime.totalMs;
    try {
      const kind = await this.call(turn);
      const tookMs = performance.now() - beganMs - (this.lostTime.totalMs - lostMs);
      this.slowestMs[kind] = Math.max(this.slowestMs[kind] ?? 0, tookMs);
    } catch (error) {
      this.errors.push(String(error));
    }
  }
}
