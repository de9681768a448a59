import type { Bench } from './bench.js';
import type { Sample } from './statistics.js';

/**
 * What is measured of a contender. The end of the name says the unit; a measure without one is a
 * count or a quotient. These are measured wherever they can be:
 *
 * - `timeNs`: time of one operation, with its waiting
 * - `ratio`: that time by the time of the reference in the same round; below 1 is faster
 * - `cpuNs`, `cpuRatio`: the same of the CPU time that this process used
 * - `commands`: commands sent to Redis for each operation
 * - `inScripts`: commands that scripts ran in Redis for each operation
 * - `publishes`: messages published for each operation, from scripts too
 * - `loads`: runs of the load for each operation
 */
export type Measure = string;

export type Measures = Readonly<Record<Measure, Sample>>;

/** What was measured of one contender in one case. */
export interface Figure {
  readonly contender: string;
  readonly measures: Measures;
  /** Why it could not be measured. */
  readonly excluded?: string;
}

/** One comparison: the same work done by several contenders. */
export interface Case {
  /** Unique over all workloads, e.g. `far-hit/64`. */
  readonly id: string;
  readonly title: string;
  /** Name of the contender that the others are compared with. */
  readonly reference?: string;
  readonly figures: readonly Figure[];
}

export type ChartScale = 'linear' | 'log';

/** How the results are drawn. */
export interface Chart {
  readonly measure: Measure;
  /** Draws 1 by the measure: speed instead of time. @default false */
  readonly inverse?: boolean;
  readonly scale: ChartScale;
  /** What is drawn, and whether more or less is better. */
  readonly note: string;
}

/** Something to be measured; it has a process, or several, and a Redis of its own. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  /** How it is measured, and what a reader has to know to judge it. */
  readonly method: string;
  /** @default none is drawn */
  readonly chart?: Chart;
  /**
   * Whether each contender has a process of its own, as it has in an application: then none pays for the
   * code and the garbage of the others. All that it measures is then by contests.
   *
   * @default false
   */
  readonly apart?: boolean;
  /** Further flags of Node for its process. */
  readonly nodeFlags?: readonly string[];
  readonly measure: (bench: Bench) => Promise<Case[]>;
}

/** What a workload came to. */
export interface WorkloadOutcome {
  readonly cases: readonly Case[];
  /** Why it could not be measured. */
  readonly error?: string;
}

/** The same with what a report says of the workload. */
export interface WorkloadResult extends WorkloadOutcome {
  readonly workload: string;
  readonly title: string;
  readonly method: string;
  readonly durationMs: number;
}
