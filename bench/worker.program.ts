/** Measures one workload, in a process of its own; `run/workload-process.ts` is the other end. */

import { Bench, type BenchRequest } from './measure/bench.js';
import { WORKLOADS } from './workloads/index.js';

async function main(): Promise<void> {
  const request = JSON.parse(process.argv[2] ?? '') as BenchRequest;
  const workload = WORKLOADS.find(({ name }) => name === request.workload);
  if (!workload) throw new Error(`There is no workload '${request.workload}'.`);
  const cases = await workload.measure(new Bench(request));
  process.send?.(cases);
  process.disconnect();
}

void main();
