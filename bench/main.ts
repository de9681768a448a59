/** Measures the cache against code by hand and its peers: see CONTRIBUTING.md. */

import { writeFileSync } from 'node:fs';
import { asText } from './report/console.js';
import { readCommandLine, USAGE } from './run/command-line.js';
import { buildLibrary } from './run/library-build.js';
import { measureWorkload } from './run/workload-process.js';
import type { WorkloadResult } from './measure/workload.js';
import { WORKLOADS } from './workloads/index.js';

async function main(args: readonly string[]): Promise<void> {
  const names = WORKLOADS.map(({ name }) => name);
  if (args.includes('--help')) {
    console.log(USAGE + `\nWorkloads: ${names.join(', ')}`);
    return;
  }
  const options = readCommandLine(args, names);
  const results: WorkloadResult[] = [];
  for (const workload of WORKLOADS) {
    if (options.workloads.length > 0 && !options.workloads.includes(workload.name)) continue;
    const result = await measureWorkload(workload, options, options.cpuProfileDir);
    console.log(asText(result));
    results.push(result);
  }
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(results, null, 2));
  if (results.some(({ error }) => error !== undefined)) process.exitCode = 1;
}

buildLibrary();
void main(process.argv.slice(2));
