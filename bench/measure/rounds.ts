import type { RoundSettings, RoundTime } from './stopwatch.js';

/** Somebody to be timed. */
export interface Timed {
  readonly name: string;
  /** @returns how many operations fill a round */
  warmUp(settings: RoundSettings): Promise<number>;
  /** Times so many operations. */
  time(operations: number): Promise<RoundTime>;
}

/** Times of one operation, by round. */
export interface RoundTimes {
  /** From begin to end, with all waiting. */
  readonly wallNs: number[];
  /** What its process used, its garbage collection included, whoever else had the core. */
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
      this.operations = await this.timed.warmUp(settings);
    });
  }

  async round(): Promise<void> {
    await this.attempt(async () => {
      const { wallNs, cpuNs } = await this.timed.time(this.operations);
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

function rotated<T>(values: readonly T[], by: number): T[] {
  const start = by % values.length;
  return [...values.slice(start), ...values.slice(0, start)];
}
