import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { sampleOf } from '../measure/statistics.js';
import type { Bench } from '../measure/bench.js';
import type { Figure, Workload } from '../measure/workload.js';
import { OWN } from '../contenders/own.js';

const BENCH = path.resolve(__dirname, '..');

/** What an application may consist of; see `start-up.program.ts`. */
export type Application = 'bare' | 'client' | 'cache';

const APPLICATIONS: readonly (readonly [Application, string])[] = [
  ['bare', 'Nest, nothing else'],
  ['client', 'Nest, ioredis 6 connected'],
  ['cache', OWN],
];

export const startUp: Workload = {
  name: 'start-up',
  title: 'Start of an application',
  method:
    'New processes, in turns. The time is that of loading Nest and what the application uses, and ' +
    'of `createApplicationContext`; `addedNs` is what is above the median of Nest with nothing else. ' +
    'The cache does not wait for Redis at boot; that its client connects falls into the time.',
  measure: async (bench) => {
    const times = await measureStarts(bench);
    const bare = sampleOf(times.get('bare') ?? []).median;
    const figures: Figure[] = APPLICATIONS.map(([application, contender]) => {
      const taken = times.get(application) ?? [];
      const addedNs = sampleOf(taken.map((time) => time - bare));
      return { contender, measures: { timeNs: sampleOf(taken), addedNs } };
    });
    return [{ id: 'start-up/nest', title: 'an application context', figures }];
  },
};

async function measureStarts(bench: Bench): Promise<Map<Application, number[]>> {
  const times = new Map<Application, number[]>();
  for (let round = 0; round < bench.size(15, 5); round++) {
    for (const [application] of APPLICATIONS) {
      const taken = times.get(application) ?? [];
      taken.push(await startTimeNs(application, bench.redisUrl));
      times.set(application, taken);
    }
  }
  return times;
}

async function startTimeNs(application: Application, redisUrl: string): Promise<number> {
  const child = fork(path.join(BENCH, 'start-up.program.ts'), [application, redisUrl], {
    execArgv: ['--require', path.join(BENCH, 'register.cjs')],
  });
  const [tookMs] = (await once(child, 'message')) as [number];
  if (child.exitCode === null) await once(child, 'exit');
  return tookMs * 1e6;
}
