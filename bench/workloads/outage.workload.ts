import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { RedisServerProcess } from '../../test/support/redis/redis-server.js';
import { cachesOf, nodeOptions, ownAsShipped } from '../contenders/caches.js';
import { OWN } from '../contenders/names.js';
import { CallersThroughOutage } from '../measure/callers-through-outage.js';
import type { Bench } from '../measure/bench.js';
import type { Case, Figure, Workload } from '../measure/workload.js';
import type { PeerCache } from '../peer-cache.js';

type Failure = 'killed' | 'hung';

const STEADY_MS = 500;
const BACK_MS = 3_000;

export const outage: Workload = {
  name: 'outage',
  title: 'Redis killed, Redis hung',
  method:
    '64 callers, each with a call every 5 ms, of 1,000 keys whose load takes no time; now and then a ' +
    'key is changed and evicted. Meanwhile Redis is killed, or frozen by SIGSTOP, and comes back with ' +
    'its data. `errors` are calls that failed; `unanswered` those that had waited for an answer for more than a second ' +
    'at the end, 3 s after Redis was back. `suspendedNs` is the median of calls begun while it was away, but for the first 200 ms. ' +
    '`backNs` is how long after its return it was asked for an entry again. `stale` counts answers ' +
    'that an eviction, acknowledged before the call began, had ruled out.',
  chart: { measure: 'slowestNs', scale: 'log', note: 'slowest call, less is better' },
  measure: async (bench) => {
    const cases: Case[] = [];
    for (const failure of ['killed', 'hung'] as const) {
      const peers = bench.quick ? [] : cachesOf(bench).filter(({ name }) => name !== OWN);
      const caches = [ownAsShipped, ...peers].filter(
        ({ name, memoryOnly = false }) => !memoryOnly && bench.takes(name),
      );
      const figures: Figure[] = [];
      for (const cache of caches) figures.push(await figureOf(bench, cache, failure));
      cases.push({ id: `outage/${failure}`, title: `Redis ${failure}`, figures });
    }
    return cases;
  },
};

async function figureOf(bench: Bench, cache: PeerCache, failure: Failure): Promise<Figure> {
  const appendonlyDir = mkdtempSync(path.join(tmpdir(), 'bench-outage-'));
  const server = await RedisServerProcess.start({ appendonlyDir });
  const node = await cache.create(server.url, nodeOptions());
  const callers = new CallersThroughOutage(node);
  try {
    callers.start();
    await setTimeout(STEADY_MS);
    callers.noteAway();
    if (failure === 'killed') await server.kill();
    else server.pause();
    await setTimeout(bench.size(5_000, 1_500));
    if (failure === 'killed') await server.restart();
    else server.resume();
    const back = callers.noteBack(server.url);
    await setTimeout(BACK_MS);
    callers.stop();
    await back;
    return { contender: cache.name, measures: callers.measures() };
  } finally {
    // What never answers must not keep the others from being measured.
    await Promise.race([node.close(), setTimeout(2_000)]);
    await server.stop();
    rmSync(appendonlyDir, { recursive: true });
  }
}
