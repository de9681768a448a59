import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { asMarkdown } from '../report/document.js';
import type { RunReport } from '../report/results.js';
import { chartOf } from '../report/workload-chart.js';
import { WORKLOADS } from '../workloads/index.js';

/** Beside the document, named after it. */
const CHARTS = 'performance';

/** Writes `performance.md` and its charts into a folder. */
export async function writeDocument(report: RunReport, folder: string): Promise<void> {
  const charts = drawCharts(report, path.join(folder, CHARTS));
  const { format, resolveConfig } = await import('prettier');
  const file = path.join(folder, 'performance.md');
  const config = await resolveConfig(file);
  writeFileSync(file, await format(asMarkdown(report, charts), { ...config, parser: 'markdown' }));
}

function drawCharts({ workloads }: RunReport, folder: string): Map<string, string> {
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) {
    if (file.endsWith('.svg')) rmSync(path.join(folder, file));
  }
  const drawn = new Map<string, string>();
  for (const result of workloads) {
    const workload = WORKLOADS.find(({ name }) => name === result.workload);
    const svg = workload && chartOf(workload, result);
    if (svg === undefined) continue;
    writeFileSync(path.join(folder, `${result.workload}.svg`), svg);
    drawn.set(result.workload, `${CHARTS}/${result.workload}.svg`);
  }
  return drawn;
}
