import type { Case, Figure } from '../measure/outcome.js';
import type { WorkloadResult } from '../measure/workload.js';

/** Where and with what a run was made. */
export interface RunConditions {
  readonly date: string;
  readonly commit: string;
  readonly quick: boolean;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** All that a run has measured, as it is written to a file. */
export interface RunReport {
  readonly conditions: RunConditions;
  readonly contenders: readonly ContenderNote[];
  readonly workloads: readonly WorkloadResult[];
}

/** What a reader has to know of a contender. */
export interface ContenderNote {
  readonly name: string;
  readonly version: string;
  readonly settings: string;
}

/** Looks up single numbers. */
export class Results {
  private readonly cases: ReadonlyMap<string, Case>;

  constructor(workloads: readonly WorkloadResult[]) {
    const all = workloads.flatMap(({ cases }) => cases);
    this.cases = new Map(all.map((each) => [each.id, each]));
  }

  /** The median of a measure; undefined if it was not measured. */
  median(caseId: string, contender: string, measure: string): number | undefined {
    return this.figures(caseId).find((figure) => figure.contender === contender)?.measures[measure]
      ?.median;
  }

  contenders(caseId: string): string[] {
    return this.figures(caseId)
      .filter(({ excluded }) => excluded === undefined)
      .map(({ contender }) => contender);
  }

  /** The medians of the last contender whose name begins so: sizes stand in rising order. */
  largest(caseId: string, beginning: string): Record<string, number> | undefined {
    const figure = this.figures(caseId).findLast(({ contender }) =>
      contender.startsWith(beginning),
    );
    if (!figure) return undefined;
    const medians = Object.entries(figure.measures).map(([name, { median }]) => [name, median]);
    return Object.fromEntries(medians) as Record<string, number>;
  }

  private figures(caseId: string): readonly Figure[] {
    return this.cases.get(caseId)?.figures ?? [];
  }
}
