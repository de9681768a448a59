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
  readonly warmUpMs: number;
  /**
   * `wall`: from begin to end, with all waiting. `cpu`: what this process used, its garbage
   * collection included, so that it does not count when another process was given the core.
   */
  readonly clock: 'wall' | 'cpu';
}

/**
 * Times of one operation in nanoseconds, by contender and round. The rounds of all contenders take
 * turns, each time in another order, so whatever else the machine does meets all of them.
 */
export async function interleaved(
  timed: readonly Timed[],
  settings: RoundSettings,
): Promise<Map<string, number[]>> {
  const operations = new Map<string, number>();
  for (const each of timed) operations.set(each.name, await warmUp(each, settings));
  const times = new Map<string, number[]>(timed.map(({ name }) => [name, []]));
  for (let round = 0; round < settings.rounds; round++) {
    for (const each of rotated(timed, round)) {
      const count = operations.get(each.name) as number;
      const tookNs = await time(each, count, settings.clock);
      times.get(each.name)?.push(tookNs / count);
    }
  }
  return times;
}

/** @returns how many operations fill a round */
async function warmUp(timed: Timed, { warmUpMs, roundMs, clock }: RoundSettings): Promise<number> {
  let operations = 1;
  let spentMs = 0;
  for (;;) {
    const tookMs = (await time(timed, operations, clock)) / 1e6;
    spentMs += tookMs;
    // What one operation takes is known well enough once a run is a good part of a round.
    if (spentMs >= warmUpMs && tookMs >= roundMs / 4) {
      return Math.max(1, Math.round((operations * roundMs) / tookMs));
    }
    if (tookMs < roundMs) operations *= 2;
  }
}

async function time(
  { run, beforeRound }: Timed,
  operations: number,
  clock: RoundSettings['clock'],
): Promise<number> {
  await beforeRound?.();
  // Timers and sockets get their turn: loops of near hits leave them none.
  await setImmediate();
  const beganNs = nowNs(clock);
  await run(operations);
  return nowNs(clock) - beganNs;
}

function nowNs(clock: RoundSettings['clock']): number {
  if (clock === 'wall') return Number(process.hrtime.bigint());
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
}

function rotated<T>(values: readonly T[], by: number): T[] {
  const start = by % values.length;
  return [...values.slice(start), ...values.slice(0, start)];
}
