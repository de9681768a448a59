import { setImmediate } from 'node:timers/promises';
import type { Loop } from './loops.js';

/** Something to be timed. */
export interface Timed {
  readonly name: string;
  readonly run: Loop;
  /** Called before each of its rounds, and not timed. */
  readonly beforeRound?: () => Promise<void>;
}

export interface RoundSettings {
  readonly rounds: number;
  readonly roundMs: number;
  /** How long a contender is warmed up at least. */
  readonly warmUpMs: number;
  /** How many operations it is warmed up by, unless they take {@link maxWarmUpMs}. */
  readonly warmUpOperations: number;
  readonly maxWarmUpMs: number;
}

/** Times of one operation, by round. */
export interface RoundTimes {
  /** From begin to end, with all waiting. */
  readonly wallNs: number[];
  /** What this process used, its garbage collection included, whoever else had the core. */
  readonly cpuNs: number[];
}

/** A contender, and what became of it. */
class Run {
  readonly times: RoundTimes = { wallNs: [], cpuNs: [] };
  failure: Error | undefined;
  private operations = 0;

  constructor(private readonly timed: Timed) {}

  async warmUp(settings: RoundSettings): Promise<void> {
    await this.attempt(async () => {
      this.operations = await warmUp(this.timed, settings);
    });
  }

  async round(): Promise<void> {
    await this.attempt(async () => {
      const { wallNs, cpuNs } = await time(this.timed, this.operations);
      this.times.wallNs.push(wallNs / this.operations);
      this.times.cpuNs.push(cpuNs / this.operations);
    });
  }

  /** Who has failed once is not asked again. */
  private async attempt(act: () => Promise<void>): Promise<void> {
    if (this.failure) return;
    try {
      await act();
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
    }
  }
}

/**
 * The rounds of all contenders take turns, each time in another order, so whatever else the machine
 * does meets all of them.
 *
 * @returns times of one operation, by contender; or why it failed
 */
export async function interleaved(
  timed: readonly Timed[],
  settings: RoundSettings,
): Promise<Map<string, RoundTimes | Error>> {
  const runs = timed.map((each) => new Run(each));
  for (const run of runs) await run.warmUp(settings);
  for (let round = 0; round < settings.rounds; round++) {
    for (const run of rotated(runs, round)) await run.round();
  }
  return new Map(
    runs.map((run, index) => [(timed[index] as Timed).name, run.failure ?? run.times]),
  );
}

/**
 * V8 compiles what has run often, not what has run long: an operation that mostly waits has to be done as
 * often as one that does not, or its first rounds are those of an interpreter.
 *
 * @returns how many operations fill a round
 */
async function warmUp(timed: Timed, settings: RoundSettings): Promise<number> {
  const { warmUpMs, warmUpOperations, maxWarmUpMs, roundMs } = settings;
  let operations = 1;
  let done = 0;
  let spentMs = 0;
  for (;;) {
    const tookMs = (await time(timed, operations)).wallNs / 1e6;
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

async function time(
  { run, beforeRound }: Timed,
  operations: number,
): Promise<{ readonly wallNs: number; readonly cpuNs: number }> {
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

function rotated<T>(values: readonly T[], by: number): T[] {
  const start = by % values.length;
  return [...values.slice(start), ...values.slice(0, start)];
}
