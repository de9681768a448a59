import { OWN } from '../contenders/names.js';
import { interleaved, type RoundTimes, type Timed } from './rounds.js';
import { quotients, sampleOf } from './statistics.js';
import type { RoundSettings } from './stopwatch.js';
import type { Case, Figure, Measures } from './outcome.js';

/** What a contest is about. */
export interface ContestTerms {
  readonly id: string;
  readonly title: string;
  /** Name of the contestant that the others are compared with. */
  readonly reference: string;
  /** Which time counts; `cpu` for work that never waits. @default 'wall' */
  readonly clock?: 'wall' | 'cpu';
  /**
   * The server and each contender keep to a core of their own, where the system can be told. Who waits for one
   * answer at a time takes three times as long where the other has to be woken on another core as on the same.
   * @default false
   */
  readonly onCores?: boolean;
  /** How many operations to count Redis commands over. @default 0, they are not counted */
  readonly countedOperations?: number;
}

/** A contestant at its place, be that in this process or in one of its own. */
export interface Contender extends Timed {
  /** What else is measured of it, Redis commands over so many operations. */
  measures(countedOperations: number): Promise<Measures>;
  close(): Promise<void>;
}

/**
 * Times contenders in turns.
 *
 * @param contenders by name, or why one cannot take part
 * @throws {Error} ours or the reference fails
 */
export async function decide(
  terms: ContestTerms,
  contenders: ReadonlyMap<string, Contender | Error>,
  settings: RoundSettings,
): Promise<Case> {
  const { id, title, reference, countedOperations = 0 } = terms;
  const failures = new Map<string, Error>();
  const taking: Contender[] = [];
  for (const [name, each] of contenders) {
    if (each instanceof Error) failures.set(name, each);
    else taking.push(each);
  }
  const times = await interleaved(taking, settings);
  const referenceTimes = times.get(reference);
  const figures: Figure[] = [];
  for (const each of taking) {
    const taken = times.get(each.name) as RoundTimes | Error;
    if (taken instanceof Error) {
      failures.set(each.name, taken);
      continue;
    }
    const compared = referenceTimes instanceof Error ? undefined : referenceTimes;
    const measures = {
      ...timesOf(terms, taken, compared),
      ...(await each.measures(countedOperations)),
    };
    figures.push({ contender: each.name, measures });
  }
  return { id, title, reference, figures: [...figures, ...leftOut(terms, failures)] };
}

/** A comparison without a peer is one; without ours or the reference it is none. */
function leftOut({ id, reference }: ContestTerms, failures: ReadonlyMap<string, Error>): Figure[] {
  return [...failures].map(([contender, cause]) => {
    if (contender === reference || contender.startsWith(OWN)) {
      throw new Error(`${contender} fails in ${id}: ${cause.message}`, { cause });
    }
    return { contender, excluded: cause.message, measures: {} };
  });
}

function timesOf(
  { clock = 'wall' }: ContestTerms,
  times: RoundTimes,
  reference?: RoundTimes,
): Measures {
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
