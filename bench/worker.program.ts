/** Measures one workload, in a process of its own; `run/workload-process.ts` is the other end. */

import { Bench, type BenchRequest } from './measure/bench.js';
import { tell } from './measure/contest-part.js';
import type { WorkloadOutcome } from './measure/outcome.js';
import type { Workload } from './measure/workload.js';
import { WORKLOADS } from './workloads/index.js';

async function main(): Promise<void> {
  const request = JSON.parse(process.argv[2] ?? '') as BenchRequest;
  const workload = WORKLOADS.find(({ name }) => name === request.workload);
  if (!workload) throw new Error(`There is no workload '${request.workload}'.`);
  // Of some peers, commands in the background fail where nobody handles it.
  if (request.peers) process.on('unhandledRejection', (error) => console.error(error));
  tell({ kind: 'outcome', outcome: await outcomeOf(workload, new Bench(request)) });
  process.disconnect();
}

async function outcomeOf({ measure }: Workload, bench: Bench): Promise<WorkloadOutcome> {
  try {
    return { cases: await measure(bench) };
  } catch (error) {
    console.error(error);
    return { cases: [], error: (error as Error).message };
  }
}

void main();
