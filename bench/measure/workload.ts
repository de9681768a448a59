import type { Bench } from './bench.js';
import type { Case, Measure, WorkloadOutcome } from './outcome.js';

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

/** The same with what a report says of the workload. */
export interface WorkloadResult extends WorkloadOutcome {
  readonly workload: string;
  readonly title: string;
  readonly method: string;
  readonly durationMs: number;
}
