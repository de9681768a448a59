import { isDeepStrictEqual } from 'node:util';
import type { Bench } from './bench.js';
import type { Loop } from './loops.js';
import { countingCommands } from './redis-commands.js';
import { interleaved, type RoundTimes } from './rounds.js';
import { exactly, quotients, sampleOf } from './statistics.js';
import type { Case, Figure, Measures } from './workload.js';

/** A contender that is ready to work. */
export interface Prepared {
  readonly run: Loop;
  /** One answer, to be compared with what the contest expects. */
  readonly answer?: () => unknown;
  /** Called before each round, and not timed. */
  readonly beforeRound?: () => Promise<void>;
  /** Loads so far. */
  readonly loads?: () => number;
  /** What else there is to say, once all rounds are over. */
  readonly further?: () => Promise<Measures> | Measures;
  readonly close?: () => unknown;
}

export interface Contestant {
  readonly name: string;
  readonly prepare: () => Prepared | Promise<Prepared>;
}

export interface Contest {
  readonly id: string;
  readonly title: string;
  /** Name of the contestant that the others are compared with. */
  readonly reference: string;
  readonly contestants: readonly Contestant[];
  /** What each contestant has to answer; who answers otherwise is not measured. @default anything */
  readonly expected?: unknown;
  /** Which time counts; `cpu` for work that never waits. @default 'wall' */
  readonly clock?: 'wall' | 'cpu';
  /** How many operations to count Redis commands over. @default 0, they are not counted */
  readonly countedOperations?: number;
}

/** Has contestants do the same work in turns. */
export async function hold(bench: Bench, contest: Contest): Promise<Case> {
  const { id, title, reference, countedOperations = 0 } = contest;
  const chosen = contest.contestants.filter(({ name }) => bench.takes(name));
  const prepared = new Map<string, Prepared>();
  const excluded: Figure[] = [];
  try {
    for (const { name, prepare } of chosen) {
      const each = await prepare();
      prepared.set(name, each);
      if (await answersRightly(each, contest.expected)) continue;
      prepared.delete(name);
      await each.close?.();
      excluded.push({ contender: name, excluded: 'it answers something else', measures: {} });
    }
    const timed = [...prepared].map(([name, { run, beforeRound }]) => ({ name, run, beforeRound }));
    const times = await interleaved(timed, bench.settings);
    const figures: Figure[] = [];
    for (const [name, each] of prepared) {
      const measures = {
        ...timesOf(contest, times.get(name) as RoundTimes, times.get(reference)),
        ...(await countsOf(bench, each, countedOperations)),
        ...(await each.further?.()),
      };
      figures.push({ contender: name, measures });
    }
    return { id, title, reference, figures: [...figures, ...excluded] };
  } finally {
    for (const each of prepared.values()) await each.close?.();
  }
}

/** Whoever answers something else does something else. */
async function answersRightly({ answer }: Prepared, expected: unknown): Promise<boolean> {
  return expected === undefined || !answer || isDeepStrictEqual(await answer(), expected);
}

function timesOf({ clock = 'wall' }: Contest, times: RoundTimes, reference?: RoundTimes): Measures {
  if (clock === 'cpu') {
    const { cpuNs } = times;
    return {
      timeNs: sampleOf(cpuNs),
      ...(reference && { ratio: sampleOf(quotients(cpuNs, reference.cpuNs)) }),
    };
  }
  const { wallNs, cpuNs } = times;
  return {
    timeNs: sampleOf(wallNs),
    ...(reference && { ratio: sampleOf(quotients(wallNs, reference.wallNs)) }),
    cpuNs: sampleOf(cpuNs),
    ...(reference && { cpuRatio: sampleOf(quotients(cpuNs, reference.cpuNs)) }),
  };
}

async function countsOf(
  bench: Bench,
  { run, loads, beforeRound }: Prepared,
  operations: number,
): Promise<Measures> {
  if (operations === 0) return {};
  await beforeRound?.();
  const loadsBefore = loads?.() ?? 0;
  const count = await countingCommands(bench.redisUrl, () => run(operations));
  return {
    commands: exactly(count.sent / operations),
    inScripts: exactly(count.inScripts / operations),
    publishes: exactly(count.publishes / operations),
    ...(loads && { loads: exactly((loads() - loadsBefore) / operations) }),
  };
}
