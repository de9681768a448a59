import type { Case } from '../measure/outcome.js';
import type { WorkloadResult } from '../measure/workload.js';
import { formatMeasure } from './format.js';

/** A workload's results as text for a terminal. */
export function asText(result: WorkloadResult): string {
  const seconds = (result.durationMs / 1_000).toFixed(1);
  const heading = `${result.title} (${result.workload}, ${seconds} s)`;
  const error = result.error === undefined ? [] : [`  not measured: ${result.error}`];
  return [heading, ...error, ...result.cases.flatMap(linesOf), ''].join('\n');
}

function linesOf({ id, title, figures }: Case): string[] {
  const width = Math.max(...figures.map(({ contender }) => contender.length));
  return [
    `  ${title} [${id}]`,
    ...figures.map(({ contender, measures, excluded }) => {
      const cells = Object.entries(measures).map(
        ([measure, sample]) => `${measure} ${formatMeasure(measure, sample)}`,
      );
      return `    ${contender.padEnd(width)}  ${excluded ?? cells.join('  ')}`;
    }),
  ];
}
