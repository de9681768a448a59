import { setImmediate } from 'node:timers/promises';
import type { Loop } from './loops.js';

/** What is done in rounds. */
export interface Rounded {
  readonly run: Loop;
  /** Called before each round, and not timed. */
  readonly beforeRound?: () => Promise<void>;
}

export interface RoundSettings {
  readonly rounds: number;
  readonly roundMs: number;
  /** How long a contender is warmed up at least. */
  readonly warmUpMs: number;
  /** How many operations it is warmed up by, unless they take `maxWarmUpMs`. */
  readonly warmUpOperations: number;
  readonly maxWarmUpMs: number;
}

/** What a round took. */
export interface RoundTime {
  readonly wallNs: number;
  readonly cpuNs: number;
}

/**
 * V8 compiles what has run often, not what has run long: an operation that mostly waits has to be done as
 * often as one that does not, or its first rounds are those of an interpreter.
 *
 * @returns how many operations fill a round
 */
export async function warmUp(run: Rounded, settings: RoundSettings): Promise<number> {
  const { warmUpMs, warmUpOperations, maxWarmUpMs, roundMs } = settings;
  let operations = 1;
  let done = 0;
  let spentMs = 0;
  for (;;) {
    const tookMs = (await time(run, operations)).wallNs / 1e6;
    done += operations;
    spentMs += tookMs;
    const isWarm = spentMs >= maxWarmUpMs || (spentMs >= warmUpMs && done >= warmUpOperations);
    // What one operation takes is known well enough once a run is a good part of a round.
    if (isWarm && tookMs >= roundMs / 4) {
      return Math.max(1, Math.round((operations * roundMs) / tookMs));
    }
    if (tookMs < roundMs) operations *= 2;
  }
}

/** Times so many operations. */
export async function time({ run, beforeRound }: Rounded, operations: number): Promise<RoundTime> {
  await beforeRound?.();
  // Timers and sockets get their turn: loops of near hits leave them none.
  await setImmediate();
  const beganNs = process.hrtime.bigint();
  const began = process.cpuUsage();
  await run(operations);
  const { user, system } = process.cpuUsage(began);
  const wallNs = Number(process.hrtime.bigint() - beganNs);
  return { wallNs, cpuNs: (user + system) * 1_000 };
}
