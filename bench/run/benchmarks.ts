import { readFileSync, writeFileSync } from 'node:fs';
import type { WorkloadResult } from '../measure/workload.js';
import { installPeers } from '../peer-libraries.js';
import { asText } from '../report/console.js';
import type { RunReport } from '../report/results.js';
import { readCommandLine, USAGE, type RunOptions } from './command-line.js';
import { conditionsOf, contenderNotes } from './conditions.js';
import { askForNearKinds } from './near-kinds-process.js';
import { measureWorkload } from './workload-process.js';
import { writeDocument } from './write-document.js';
import { WORKLOADS } from '../workloads/index.js';

const NAMES = WORKLOADS.map(({ name }) => name);

/** Measures what the command line asks for, and writes what was found. */
export async function runBenchmarks(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    console.log(`${USAGE}\nWorkloads: ${NAMES.join(', ')}`);
    return;
  }
  const options = readCommandLine(args, NAMES);
  const { from, json, docs } = options;
  const report =
    from === undefined
      ? await measure(options)
      : (JSON.parse(readFileSync(from, 'utf8')) as RunReport);
  if (json !== undefined) writeFileSync(json, JSON.stringify(report, null, 2));
  if (docs !== undefined) await writeDocument(report, docs);
  if (report.workloads.some(({ error }) => error !== undefined)) process.exitCode = 1;
}

async function measure(options: RunOptions): Promise<RunReport> {
  const peers = options.peers && installPeers();
  if (options.peers && !peers)
    console.warn('The peers cannot be installed: going on without them.');
  const chosen = WORKLOADS.filter(
    ({ name }) => options.workloads.length === 0 || options.workloads.includes(name),
  );
  const nearKinds = peers ? await askForNearKinds() : {};
  const workloads: WorkloadResult[] = [];
  for (const workload of chosen) {
    const { quick, contenders, cpuProfileDir } = options;
    const result = await measureWorkload(
      workload,
      { quick, peers, nearKinds, contenders },
      cpuProfileDir,
    );
    console.log(asText(result));
    workloads.push(result);
  }
  return { conditions: conditionsOf(options.quick), contenders: contenderNotes(peers), workloads };
}
