import { OWN } from '../contenders/names.js';
import type { Case } from '../measure/outcome.js';
import type { Chart, Workload, WorkloadResult } from '../measure/workload.js';
import { barChart, type Bar } from './chart.js';
import { formatMedian, rounded } from './format.js';

/** The chart of a workload as SVG; undefined if it has none, or nothing was measured. */
export function chartOf({ chart }: Workload, result: WorkloadResult): string | undefined {
  if (!chart) return undefined;
  const groups = result.cases
    .map((each) => ({ title: each.title, bars: barsOf(chart, each) }))
    .filter(({ bars }) => bars.length > 0);
  if (groups.length === 0) return undefined;
  return barChart(result.title, noteOf(chart), groups, chart.scale);
}

function barsOf({ measure, inverse = false }: Chart, { figures, reference }: Case): Bar[] {
  return figures.flatMap(({ contender, measures }) => {
    const sample = measures[measure];
    if (!sample) return [];
    const value = inverse ? 1 / sample.median : sample.median;
    const text = inverse ? `${rounded(value)} ×` : formatMedian(measure, sample);
    return [{ label: contender, value, text, kind: kindOf(contender, reference) }];
  });
}

function kindOf(contender: string, reference: string | undefined): Bar['kind'] {
  if (contender.startsWith(OWN)) return 'ours';
  return contender === reference ? 'reference' : 'other';
}

function noteOf({ note, scale }: Chart): string {
  return scale === 'log' ? `${note}; logarithmic scale` : note;
}
