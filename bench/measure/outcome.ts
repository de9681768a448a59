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

/** What a workload came to. */
export interface WorkloadOutcome {
  readonly cases: readonly Case[];
  /** Why it could not be measured. */
  readonly error?: string;
}
