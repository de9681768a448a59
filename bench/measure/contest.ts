import { isDeepStrictEqual } from 'node:util';
import { OWN } from '../contenders/names.js';
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

/** Has contestants do the same work in turns. @throws {Error} ours or the reference fails */
export async function hold(bench: Bench, contest: Contest): Promise<Case> {
  const { id, title, reference, contestants, expected } = contest;
  const prepared = new Map<string, Prepared>();
  const failures = new Map<string, Error>();
  try {
    for (const { name, prepare } of contestants.filter((each) => bench.takes(each.name))) {
      try {
        const each = await prepare();
        prepared.set(name, each);
        await assertAnswer(each, expected);
      } catch (error) {
        failures.set(name, error as Error);
      }
    }
    const timed = [...prepared]
      .filter(([name]) => !failures.has(name))
      .map(([name, { run, beforeRound }]) => ({ name, run, beforeRound }));
    const times = await interleaved(timed, bench.settings);
    const figures: Figure[] = [];
    for (const [name, taken] of times) {
      if (taken instanceof Error) failures.set(name, taken);
      else figures.push(await figureOf(bench, contest, name, prepared, times));
    }
    return { id, title, reference, figures: [...figures, ...leftOut(contest, failures)] };
  } finally {
    for (const each of prepared.values()) await each.close?.();
  }
}

/** Whoever answers something else does something else. */
async function assertAnswer({ answer }: Prepared, expected: unknown): Promise<void> {
  if (expected === undefined || !answer || isDeepStrictEqual(await answer(), expected)) return;
  throw new Error('it answers something else');
}

/** A comparison without a peer is one; without ours or the reference it is none. */
function leftOut({ id, reference }: Contest, failures: ReadonlyMap<string, Error>): Figure[] {
  return [...failures].map(([contender, cause]) => {
    if (contender === reference || contender.startsWith(OWN)) {
      throw new Error(`${contender} fails in ${id}: ${cause.message}`, { cause });
    }
    return { contender, excluded: cause.message, measures: {} };
  });
}

async function figureOf(
  bench: Bench,
  contest: Contest,
  contender: string,
  prepared: ReadonlyMap<string, Prepared>,
  times: ReadonlyMap<string, RoundTimes | Error>,
): Promise<Figure> {
  const each = prepared.get(contender) as Prepared;
  const reference = times.get(contest.reference);
  const measures = {
    ...timesOf(
      contest,
      times.get(contender) as RoundTimes,
      reference instanceof Error ? undefined : reference,
    ),
    ...(await countsOf(bench, each, contest.countedOperations ?? 0)),
    ...(await each.further?.()),
  };
  return { contender, measures };
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
