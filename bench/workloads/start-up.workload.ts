import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import manifest from '../../libs/redis-cache/package.json';
import { OWN } from '../contenders/names.js';
import type { Bench } from '../measure/bench.js';
import { exactly, sampleOf } from '../measure/statistics.js';
import type { Figure } from '../measure/outcome.js';
import type { Workload } from '../measure/workload.js';

const BENCH = path.resolve(__dirname, '..');

/** What an application may consist of; see `start-up.program.ts`. */
export type Application = 'bare' | 'client' | 'cache';

/** What a start took. */
export interface Start {
  readonly wallNs: number;
  readonly cpuNs: number;
}

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
    'of `createApplicationContext`; `addedNs` is what is above Nest with nothing else in the same round. ' +
    'The cache does not wait for Redis at boot; that its client connects falls into the time, as it does ' +
    'where ioredis stands alone: an application that uses it anyway pays the difference of the two.',
  measure: async (bench) => {
    const starts = await measureStarts(bench);
    const bare = starts.get('bare') ?? [];
    const figures: Figure[] = APPLICATIONS.map(([application, contender]) => {
      const own = starts.get(application) ?? [];
      const added = (measure: keyof Start): number[] =>
        own.map((start, round) => start[measure] - (bare[round] as Start)[measure]);
      return {
        contender,
        measures: {
          timeNs: sampleOf(own.map(({ wallNs }) => wallNs)),
          addedNs: sampleOf(added('wallNs')),
          cpuNs: sampleOf(own.map(({ cpuNs }) => cpuNs)),
          cpuAddedNs: sampleOf(added('cpuNs')),
        },
      };
    });
    const { dependencies = {} } = manifest as { readonly dependencies?: Record<string, string> };
    const count = exactly(Object.keys(dependencies).length);
    return [
      { id: 'start-up/nest', title: 'an application context', figures },
      {
        id: 'start-up/dependencies',
        title: 'packages that come with it, beside peer dependencies',
        figures: [{ contender: OWN, measures: { packages: count } }],
      },
    ];
  },
};

async function measureStarts(bench: Bench): Promise<Map<Application, Start[]>> {
  const starts = new Map<Application, Start[]>();
  for (let round = 0; round < bench.size(15, 5); round++) {
    for (const [application] of APPLICATIONS) {
      const taken = starts.get(application) ?? [];
      taken.push(await start(application, bench.redisUrl));
      starts.set(application, taken);
    }
  }
  return starts;
}

async function start(application: Application, redisUrl: string): Promise<Start> {
  const child = fork(path.join(BENCH, 'start-up.program.ts'), [application, redisUrl], {
    execArgv: ['--require', path.join(BENCH, 'register.cjs')],
  });
  const [took] = (await once(child, 'message')) as [Start];
  if (child.exitCode === null) await once(child, 'exit');
  return took;
}
