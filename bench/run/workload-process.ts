import { fork } from 'node:child_process';
import path from 'node:path';
import { RedisServerProcess } from '../../test/support/redis/redis-server.js';
import type { BenchRequest } from '../measure/bench.js';
import type { Workload, WorkloadOutcome, WorkloadResult } from '../measure/workload.js';

const BENCH = path.resolve(__dirname, '..');
/** What has been measured is here by then; a handle left open must not hold up the others. */
const END_TIMEOUT_MS = 5_000;

/** Measures one workload in a process and with a Redis of its own. */
export async function measureWorkload(
  { name, title, method, nodeFlags = [] }: Workload,
  request: Omit<BenchRequest, 'workload' | 'redisUrl'>,
  cpuProfileDir: string | undefined,
): Promise<WorkloadResult> {
  const beganMs = performance.now();
  const server = await RedisServerProcess.start();
  const flags = [...nodeFlags, ...(cpuProfileDir ? profiling(cpuProfileDir, name) : [])];
  try {
    const outcome = await inChild({ ...request, workload: name, redisUrl: server.url }, flags);
    const durationMs = Math.round(performance.now() - beganMs);
    return { workload: name, title, method, durationMs, ...outcome };
  } finally {
    await server.stop();
  }
}

function profiling(dir: string, workload: string): string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${dir}`, `--cpu-prof-name=${workload}.cpuprofile`];
}

function inChild(request: BenchRequest, flags: readonly string[]): Promise<WorkloadOutcome> {
  const child = fork(path.join(BENCH, 'worker.program.ts'), [JSON.stringify(request)], {
    execArgv: [...flags, '--expose-gc', '--require', path.join(BENCH, 'register.cjs')],
    serialization: 'advanced',
  });
  let outcome: WorkloadOutcome | undefined;
  child.on('message', (message: WorkloadOutcome) => {
    outcome = message;
    setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS).unref();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const error = `its process ended with ${String(code ?? signal)}`;
      resolve(outcome ?? { cases: [], error });
    });
  });
}
