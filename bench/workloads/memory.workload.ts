import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { cachesOf, nodeOptions } from '../contenders/caches.js';
import { MAP } from '../contenders/map.js';
import { OWN, OwnApp, TENANT } from '../contenders/own.js';
import { RAW } from '../contenders/raw.js';
import { leadOf, type Lead } from '../data/leads.js';
import type { Bench } from '../measure/bench.js';
import { heapGrowth } from '../measure/heap.js';
import { exactly, sampleOf } from '../measure/statistics.js';
import type { Case, Figure, Measures, Workload } from '../measure/workload.js';

/** As many as every peer keeps. */
const ENTRIES = 10_000;
const KEYS_LOOKED_AT = 200;

export const memory: Workload = {
  name: 'memory',
  title: 'Memory of an entry',
  method:
    'In the process: what the heap has grown by once 10,000 entries of 200 bytes are kept, after a ' +
    'garbage collection. `Map` holds the same objects under the same keys. `accountedBytes` is what ' +
    'the near tier itself counts. In Redis: `MEMORY USAGE` of an entry with a tenant, without tags, ' +
    'against the JSON text under a key of the same parts.',
  nodeFlags: ['--max-semi-space-size=64'],
  measure: async (bench) => [await inProcess(bench), await inRedis(bench)],
};

async function inProcess(bench: Bench): Promise<Case> {
  const map = await mapBytes();
  const figures: Figure[] = [{ contender: MAP, measures: perEntry(map, map) }];
  for (const share of [true, false]) {
    figures.push(await ownFigure(bench, share, map));
  }
  for (const { name, create } of cachesOf(bench)) {
    if (name === OWN) continue;
    const node = await create(bench.redisUrl, nodeOptions());
    const bytes = await heapGrowth(() =>
      fill((number) => node.wrap(String(number), () => Promise.resolve(leadOf(number)))),
    );
    figures.push({ contender: name, measures: perEntry(bytes, map) });
    await node.close();
  }
  return { id: 'memory/near', title: 'in the process', reference: MAP, figures };
}

async function mapBytes(): Promise<number> {
  const map = new Map<string, Lead>();
  const bytes = await heapGrowth(() =>
    fill((number) => {
      map.set(`${TENANT}:lead.byId:${String(number)}`, leadOf(number));
    }),
  );
  if (map.size !== ENTRIES) throw new Error('The Map has to be there until here.');
  return bytes;
}

async function ownFigure(bench: Bench, share: boolean, map: number): Promise<Figure> {
  const near = { maxEntries: ENTRIES, tenantShare: 1 };
  const app = await OwnApp.withRedis(bench, { near: { share, ttl: '1h' } }, { near });
  const cache = app.cache<Lead>();
  const bytes = await heapGrowth(() =>
    fill((number) => cache.wrap(String(number), () => leadOf(number))),
  );
  const { entries, bytes: accounted } = app.caches.getStats().near;
  if (entries !== ENTRIES) throw new Error(`${String(entries)} entries are kept.`);
  await app.close();
  return {
    contender: share ? `${OWN}, share` : `${OWN}, copies`,
    measures: { ...perEntry(bytes, map), accountedBytes: exactly(accounted / ENTRIES) },
  };
}

function perEntry(bytes: number, mapBytesInAll: number): Measures {
  return { heapBytes: exactly(bytes / ENTRIES), ratio: exactly(bytes / mapBytesInAll) };
}

async function fill(put: (number: number) => unknown): Promise<void> {
  for (let number = 0; number < ENTRIES; number++) await put(number);
}

async function inRedis(bench: Bench): Promise<Case> {
  const redis = new Redis(bench.redisUrl);
  const prefix = `crm-${randomUUID().slice(0, 8)}`;
  const app = await OwnApp.withRedis(bench, {}, { prefix });
  const raw: number[] = [];
  const own: number[] = [];
  for (let number = 0; number < KEYS_LOOKED_AT; number++) {
    const rawKey = `${prefix}:${TENANT}:lead.byId:${String(number)}`;
    await redis.set(rawKey, JSON.stringify(leadOf(number)), 'PX', 3_600_000);
    raw.push((await redis.memory('USAGE', rawKey)) ?? NaN);
    await app.cache().wrap(String(number), () => leadOf(number));
    const ownKey = `${prefix}:{${TENANT}/lead.byId@1/${String(number)}}`;
    own.push((await redis.memory('USAGE', ownKey)) ?? NaN);
  }
  await app.close();
  redis.disconnect();
  const rawSample = sampleOf(raw);
  return {
    id: 'memory/redis',
    title: 'in Redis, untagged',
    reference: RAW,
    figures: [
      { contender: RAW, measures: { redisBytes: rawSample, ratio: exactly(1) } },
      {
        contender: OWN,
        measures: {
          redisBytes: sampleOf(own),
          ratio: sampleOf(own.map((bytes) => bytes / rawSample.median)),
        },
      },
    ],
  };
}
