import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { RedisServerProcess } from '../../test/support/redis/redis-server.js';
import { Bench, type BenchRequest } from '../measure/bench.js';
import type { Told } from '../measure/contest-part.js';
import type { WorkloadOutcome } from '../measure/outcome.js';
import type { Workload, WorkloadResult } from '../measure/workload.js';
import { measureApart } from './contenders-apart.js';

const BENCH = path.resolve(__dirname, '..');
/** What has been measured is here by then; a handle left open must not hold up the others. */
const END_TIMEOUT_MS = 1_000;

/** Measures one workload in a process, or one for each contender, and with a Redis of its own. */
export async function measureWorkload(
  workload: Workload,
  request: Omit<BenchRequest, 'workload' | 'redisUrl'>,
  cpuProfileDir: string | undefined,
): Promise<WorkloadResult> {
  const { name, title, method } = workload;
  const beganMs = performance.now();
  const server = await RedisServerProcess.start();
  const asked = { ...request, workload: name, redisUrl: server.url };
  try {
    const outcome = await outcomeOf(workload, asked, cpuProfileDir);
    const durationMs = Math.round(performance.now() - beganMs);
    return { workload: name, title, method, durationMs, ...outcome };
  } finally {
    await server.stop();
  }
}

async function outcomeOf(
  { name, nodeFlags = [], apart = false }: Workload,
  request: BenchRequest,
  cpuProfileDir: string | undefined,
): Promise<WorkloadOutcome> {
  const children: ChildProcess[] = [];
  const start = (part?: BenchRequest['part']): ChildProcess => {
    const profile = [name, part?.contender ?? ''].join(' ').trim();
    const profiling = cpuProfileDir === undefined ? [] : flagsOfProfile(cpuProfileDir, profile);
    const child = forkWorker({ ...request, part }, [...nodeFlags, ...profiling]);
    children.push(child);
    return child;
  };
  try {
    if (!apart) return await outcomeTold(start());
    return await measureApart(
      (contender) => start({ contender }),
      new Bench(request).settingsApart,
    );
  } catch (error) {
    return { cases: [], error: (error as Error).message };
  } finally {
    await Promise.all(children.map(ending));
  }
}

function flagsOfProfile(dir: string, profile: string): string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${dir}`, `--cpu-prof-name=${profile}.cpuprofile`];
}

function forkWorker(request: BenchRequest, flags: readonly string[]): ChildProcess {
  return fork(path.join(BENCH, 'worker.program.ts'), [JSON.stringify(request)], {
    execArgv: [...flags, '--expose-gc', '--require', path.join(BENCH, 'register.cjs')],
    serialization: 'advanced',
  });
}

/** What a process tells that holds its contests itself. */
function outcomeTold(child: ChildProcess): Promise<WorkloadOutcome> {
  return new Promise((resolve, reject) => {
    child.on('message', (told: Told) => {
      if (told.kind === 'outcome') resolve(told.outcome);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`its process ended with ${String(code ?? signal)}`));
    });
  });
}

async function ending(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const forced = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
  await once(child, 'exit');
  clearTimeout(forced);
}
