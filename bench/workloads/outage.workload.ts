import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { cachesOf } from '../contenders/caches.js';
import { OWN } from '../contenders/names.js';
import type { Bench } from '../measure/bench.js';
import type { Case, Figure, Measures } from '../measure/outcome.js';
import type { Workload } from '../measure/workload.js';
import type { Outage } from '../outage.program.js';

const BENCH = path.resolve(__dirname, '..');
/** For closing what it opened; what has been measured is here by then. */
const END_TIMEOUT_MS = 500;

export const outage: Workload = {
  name: 'outage',
  title: 'Redis killed, Redis hung',
  method:
    '64 callers, each with a call every 5 ms, of 1,000 keys whose load takes no time; now and then a ' +
    'key is changed and evicted. Meanwhile Redis is killed, or frozen by SIGSTOP, and comes back with ' +
    'its data. `errors` are calls that failed; `unanswered` those that had waited for an answer for more than a second ' +
    'at the end, 2 s after Redis was back. `suspendedNs` is the median of calls begun while it was away, but for the first 200 ms. ' +
    '`backNs` is how long after its return it was asked for an entry again. `stale` counts answers ' +
    'that an eviction, acknowledged before the call began, had ruled out.',
  chart: { measure: 'slowestNs', scale: 'log', note: 'slowest call, less is better' },
  measure: async (bench) => {
    const cases: Case[] = [];
    for (const failure of ['killed', 'hung'] as const) {
      const caches = cachesOf(bench).filter(
        ({ name, memoryOnly = false }) => name === OWN || (!memoryOnly && !bench.quick),
      );
      const figures: Figure[] = [];
      for (const { name } of caches) figures.push(await figureOf(bench, name, failure));
      cases.push({ id: `outage/${failure}`, title: `Redis ${failure}`, figures });
    }
    return cases;
  },
};

/** In a process of its own: not every cache leaves its process alive. */
async function figureOf(bench: Bench, cache: string, failure: Outage['failure']): Promise<Figure> {
  const outage: Outage = {
    cache,
    failure,
    awayMs: bench.size(failure === 'hung' ? 5_000 : 2_000, 1_500),
  };
  const child = fork(path.join(BENCH, 'outage.program.ts'), [JSON.stringify(outage)], {
    execArgv: ['--require', path.join(BENCH, 'register.cjs')],
    // Clients tell of every attempt to connect.
    stdio: ['ignore', 'ignore', cache === OWN ? 'inherit' : 'ignore', 'ipc'],
  });
  let measures: Measures | undefined;
  child.on('message', (message: Measures) => {
    measures = message;
    setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS).unref();
  });
  await once(child, 'exit');
  if (measures) return { contender: cache, measures };
  if (cache === OWN) throw new Error(`${OWN} does not survive Redis ${failure}.`);
  return { contender: cache, measures: {}, excluded: 'an unhandled error ended its process' };
}
