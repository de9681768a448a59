import { isDeepStrictEqual } from 'node:util';
import type { Bench } from './bench.js';
import type { Loop } from './loops.js';
import { countingCommands } from './redis-commands.js';
import { interleaved } from './rounds.js';
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
  close?(): Promise<void> | void;
}

export interface Contestant {
  readonly name: string;
  prepare(): Prepared | Promise<Prepared>;
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
  const { id, title, reference, clock = 'wall' } = contest;
  const chosen = contest.contestants.filter(({ name }) => bench.takes(name));
  const prepared = new Map<string, Prepared>();
  try {
    for (const contestant of chosen) {
      const each = await contestant.prepare();
      prepared.set(contestant.name, each);
      await check(contest, contestant.name, each);
    }
    const timed = [...prepared].map(([name, { run, beforeRound }]) => ({ name, run, beforeRound }));
    const times = await interleaved(timed, { ...bench.settings, clock });
    const figures: Figure[] = [];
    for (const [name, each] of prepared) {
      const measures = {
        ...timesOf(times.get(name) ?? [], times.get(reference)),
        ...(await countsOf(bench, each, contest.countedOperations ?? 0)),
      };
      figures.push({ contender: name, measures });
    }
    return { id, title, reference, figures };
  } finally {
    for (const each of prepared.values()) await each.close?.();
  }
}

/** Whoever answers something else does something else. */
async function check(contest: Contest, name: string, { answer }: Prepared): Promise<void> {
  if (contest.expected === undefined || !answer) return;
  if (isDeepStrictEqual(await answer(), contest.expected)) return;
  throw new Error(`${name} answers something else than it should in ${contest.id}.`);
}

function timesOf(times: readonly number[], references: readonly number[] | undefined): Measures {
  const timeNs = sampleOf(times);
  return references ? { timeNs, ratio: sampleOf(quotients(times, references)) } : { timeNs };
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
