import { isDeepStrictEqual } from 'node:util';
import type { Bench } from './bench.js';
import { keepToCores } from './cores.js';
import { decide, type Contender, type ContestTerms } from './decision.js';
import type { Loop } from './loops.js';
import { countingCommands } from './redis-commands.js';
import { exactly } from './statistics.js';
import { time, warmUp } from './stopwatch.js';
import type { Case, Measures } from './outcome.js';

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

export interface Contest extends ContestTerms {
  readonly contestants: readonly Contestant[];
  /** What each contestant has to answer; who answers otherwise is not measured. @default anything */
  readonly expected?: unknown;
}

/** Has contestants do the same work in turns. @throws {Error} ours or the reference fails */
export async function hold(bench: Bench, contest: Contest): Promise<Case> {
  const { contestants, expected, ...terms } = contest;
  const taking = contestants.filter(({ name }) => bench.takes(name));
  if (bench.part) {
    const letGo = terms.onCores === true ? await keepToCores(bench.redisUrl) : undefined;
    await bench.part.take(terms, taking, (each) => enter(bench, each, expected));
    letGo?.();
    return { ...terms, figures: [] };
  }
  const contenders = new Map<string, Contender | Error>();
  try {
    for (const each of taking) contenders.set(each.name, await enter(bench, each, expected));
    return await decide(terms, contenders, bench.settings);
  } finally {
    for (const each of contenders.values()) if (!(each instanceof Error)) await each.close();
  }
}

/** Whoever answers something else does something else. @returns or why it cannot take part */
async function enter(
  bench: Bench,
  { name, prepare }: Contestant,
  expected: unknown,
): Promise<Contender | Error> {
  try {
    const prepared = await prepare();
    const { answer } = prepared;
    if (expected === undefined || !answer || isDeepStrictEqual(await answer(), expected)) {
      return contender(bench, name, prepared);
    }
    await prepared.close?.();
    return new Error('it answers something else');
  } catch (error) {
    return error as Error;
  }
}

function contender(bench: Bench, name: string, prepared: Prepared): Contender {
  return {
    name,
    warmUp: (settings) => warmUp(prepared, settings),
    time: (operations) => time(prepared, operations),
    measures: async (operations) => ({
      ...(await countsOf(bench, prepared, operations)),
      ...(await prepared.further?.()),
    }),
    close: async () => {
      await prepared.close?.();
    },
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
