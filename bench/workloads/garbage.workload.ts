import { MapCache } from '../contenders/map.js';
import { MAP, OWN, RAW } from '../contenders/names.js';
import { OwnApp } from '../contenders/own.js';
import { RawCache, rawClients } from '../contenders/raw.js';
import { leadOf, type Lead } from '../data/leads.js';
import type { Bench } from '../measure/bench.js';
import { bytesAllocated } from '../measure/heap.js';
import { inFlight, oneByOne, type Loop } from '../measure/loops.js';
import { sampleOf } from '../measure/statistics.js';
import type { Case, Figure } from '../measure/outcome.js';
import type { Workload } from '../measure/workload.js';

const KEYS = 1_000;

export const garbage: Workload = {
  name: 'garbage',
  title: 'Garbage of an operation',
  method:
    'What the heap grows by over some thousand operations, in a process whose young generation is so ' +
    'large that nothing is collected meanwhile. Buffers outside the heap are not counted.',
  nodeFlags: ['--max-semi-space-size=256', '--min-semi-space-size=256'],
  chart: { measure: 'garbageBytes', scale: 'log', note: 'bytes of an operation, less is better' },
  measure: async (bench) => [await nearHits(bench), await farHits(bench), await misses(bench)],
};

async function nearHits(bench: Bench): Promise<Case> {
  const map = new MapCache<Lead>();
  const load = (): Promise<Lead> => Promise.resolve(leadOf(1));
  const figures = [
    await figureOf(
      bench,
      MAP,
      20_000,
      oneByOne(() => map.getOrLoad('1', load)),
    ),
  ];
  for (const share of [true, false]) {
    const app = await OwnApp.withRedis(bench, { near: { share, ttl: '1h' } });
    const cache = app.cache<Lead>();
    const name = share ? `${OWN}, share` : `${OWN}, copies`;
    figures.push(
      await figureOf(
        bench,
        name,
        20_000,
        oneByOne(() => cache.wrap('1', load)),
      ),
    );
    await app.close();
  }
  return { id: 'garbage/near-hit', title: 'near hit', reference: MAP, figures };
}

function farHits(bench: Bench): Promise<Case> {
  return withRedis(bench, 'far-hit', 'far hit, 64 in flight', (index) => index % KEYS);
}

function misses(bench: Bench): Promise<Case> {
  return withRedis(bench, 'miss', 'miss, 64 in flight', (index) => index + KEYS);
}

async function withRedis(
  bench: Bench,
  id: string,
  title: string,
  numberOf: (index: number) => number,
): Promise<Case> {
  const load = (): Promise<Lead> => Promise.resolve(leadOf(1));
  const connect = rawClients(bench).get(RAW);
  if (!connect) throw new Error(`There is no client '${RAW}'.`);
  const raw = new RawCache<Lead>(await connect());
  const app = await OwnApp.withRedis(bench, { near: false });
  const own = app.cache<Lead>();
  for (let number = 0; number < KEYS; number++) {
    await raw.set(`garbage:${String(number)}`, leadOf(number));
    await own.wrap(String(number), load);
  }
  const byHand = inFlight(64, (i) => raw.getOrLoad(`garbage:${String(numberOf(i))}`, load));
  const byUs = inFlight(64, (i) => own.wrap(String(numberOf(i)), load));
  const figures = [
    await figureOf(bench, RAW, 4_096, byHand),
    await figureOf(bench, OWN, 4_096, byUs),
  ];
  raw.close();
  await app.close();
  return { id: `garbage/${id}`, title, reference: RAW, figures };
}

async function figureOf(
  bench: Bench,
  contender: string,
  operations: number,
  run: Loop,
): Promise<Figure> {
  await run(operations);
  const bytes: number[] = [];
  const rounds = bench.size(7, 3);
  for (let round = 0; round < rounds; round++) {
    const made = await bytesAllocated(() => run(operations));
    if (made !== undefined) bytes.push(made / operations);
  }
  return { contender, measures: { garbageBytes: sampleOf(bytes) } };
}
