import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { nodeOptions, ownCache, ownSharing } from '../contenders/caches.js';
import { MAP, OWN, RAW } from '../contenders/names.js';
import { peersByNearKind } from '../contenders/near-kind.js';
import { OwnApp, TENANT } from '../contenders/own.js';
import { RemoteNode } from '../contenders/remote-node.js';
import { leadOf, type Lead } from '../data/leads.js';
import type { Bench } from '../measure/bench.js';
import { heapGrowth } from '../measure/heap.js';
import { exactly, sampleOf } from '../measure/statistics.js';
import type { Case, Figure, Measures } from '../measure/outcome.js';
import type { Workload } from '../measure/workload.js';

/** As many as every peer keeps. */
const KEPT = 10_000;
/** Before these are measured: whatever is made with the first ones is no matter of an entry. */
const WARM_UP = 1_000;
const ENTRIES = KEPT - WARM_UP;
const KEYS_LOOKED_AT = 200;

export const memory: Workload = {
  name: 'memory',
  title: 'Memory of an entry',
  method:
    'In the process, each contender in one of its own: what the heap has grown by with 9,000 entries of 200 bytes after 1,000 others, after a ' +
    'garbage collection. `Map` holds the same objects under the same keys. `accountedBytes` is what ' +
    'the near tier itself counts. In Redis: `MEMORY USAGE` of an entry with a tenant, without tags, ' +
    'against the JSON text under a key of the same parts.',
  chart: { measure: 'ratio', scale: 'linear', note: 'bytes, the reference is 1; less is better' },
  measure: async (bench) => [await inProcess(bench), await inRedis(bench)],
};

async function inProcess(bench: Bench): Promise<Case> {
  const map = await mapBytes();
  const figures: Figure[] = [{ contender: MAP, measures: perEntry(map, map) }];
  const { copies, shares } = peersByNearKind(bench);
  const peers = bench.quick ? [] : [...copies, ...shares];
  for (const { name } of [ownSharing, ownCache, ...peers]) {
    const node = await RemoteNode.boot(name, bench.redisUrl, nodeOptions());
    const { heapBytes, accountedBytes } = await node.weigh({ warmUp: WARM_UP, entries: ENTRIES });
    const accounted = accountedBytes !== undefined && {
      accountedBytes: exactly(accountedBytes / KEPT),
    };
    figures.push({ contender: name, measures: { ...perEntry(heapBytes, map), ...accounted } });
    await node.end();
  }
  return { id: 'memory/near', title: 'in the process', reference: MAP, figures };
}

async function mapBytes(): Promise<number> {
  const map = new Map<string, Lead>();
  const put = (from: number, to: number): void => {
    for (let number = from; number < to; number++) {
      map.set(`${TENANT}:lead.byId:${String(number)}`, leadOf(number));
    }
  };
  put(0, WARM_UP);
  const bytes = await heapGrowth(() => {
    put(WARM_UP, KEPT);
    return Promise.resolve();
  });
  if (map.size !== KEPT) throw new Error('The Map has to be there until here.');
  return bytes;
}

function perEntry(bytes: number, ofMap: number): Measures {
  return { heapBytes: exactly(bytes / ENTRIES), ratio: exactly(bytes / ofMap) };
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
