import { cachesOf, nodeOptions } from '../contenders/caches.js';
import { OWN } from '../contenders/names.js';
import { RemoteNode } from '../contenders/remote-node.js';
import type { Bench } from '../measure/bench.js';
import { quotients, sampleOf } from '../measure/statistics.js';
import type { Case, Figure } from '../measure/outcome.js';
import type { Workload } from '../measure/workload.js';
import type { PeerCache } from '../peer-cache.js';

const CALLERS = 1_000;
const LOAD_MS = 200;

export const coldKey: Workload = {
  name: 'cold-key',
  title: 'Many callers of one cold key',
  method:
    '1,000 callers ask for one key that is nowhere, in one process or spread over several, all at ' +
    'once. A load takes 200 ms. `ratio` is the time until the last caller of all processes has an ' +
    'answer, by the time of one load. This machine has few cores, so more than two processes share ' +
    'them.',
  chart: { measure: 'loads', scale: 'linear', note: 'loads, 1 is what is needed' },
  measure: async (bench) => {
    const cases: Case[] = [];
    for (const processes of bench.quick ? [1, 4] : [1, 2, 4, 8]) {
      const everybody = !bench.quick && (processes === 1 || processes === 4);
      const caches = cachesOf(bench).filter(
        ({ name, memoryOnly = false }) => name === OWN || (everybody && !memoryOnly),
      );
      const figures: Figure[] = [];
      for (const cache of caches) figures.push(await figureOf(bench, cache, processes));
      const title = `${String(processes)} × ${String(CALLERS / processes)} callers`;
      cases.push({ id: `cold-key/${String(processes)}`, title, figures });
    }
    return cases;
  },
};

async function figureOf(bench: Bench, cache: PeerCache, processes: number): Promise<Figure> {
  const nodes = await RemoteNode.bootAll(processes, cache.name, bench.redisUrl, nodeOptions());
  const loads: number[] = [];
  const times: number[] = [];
  for (let round = 0; round < bench.size(5, 3); round++) {
    const calls = { key: `cold-${String(round)}`, callers: CALLERS / processes, loadMs: LOAD_MS };
    const answers = await Promise.all(nodes.map((node) => node.askAtOnce(calls)));
    loads.push(answers.reduce((sum, answer) => sum + answer.loads, 0));
    const beganNs = Math.min(...answers.map((answer) => answer.beganNs));
    times.push(Math.max(...answers.map((answer) => answer.endedNs)) - beganNs);
  }
  await Promise.all(nodes.map((node) => node.end()));
  const loadNs = times.map(() => LOAD_MS * 1e6);
  return {
    contender: cache.name,
    measures: {
      loads: sampleOf(loads),
      timeNs: sampleOf(times),
      ratio: sampleOf(quotients(times, loadNs)),
    },
  };
}
