import { OWN } from '../contenders/names.js';
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { cachesOf, nodeOptions } from '../contenders/caches.js';
import { OwnApp, TENANT } from '../contenders/own.js';
import { leadOf } from '../data/leads.js';
import { replicate } from '../data/replicate.js';
import type { Bench } from '../measure/bench.js';
import { inFlight } from '../measure/loops.js';
import { countingCommands } from '../measure/redis-commands.js';
import { exactly, sampleOf } from '../measure/statistics.js';
import type { Case, Figure, Measures, Workload } from '../measure/workload.js';
import type { PeerCache } from '../peer-cache.js';

const TAG = 'region-north';
const CACHE = 'lead.byId';
const PEER_ENTRIES = 10_000;

export const evictGroup: Workload = {
  name: 'evict-group',
  title: 'Evicting a tag, a cache, a tenant',
  method:
    'All entries have one tag, and are in one cache of one tenant. Ours is measured with 1,000 ' +
    'entries and with very many; these are copies, made within Redis, of an entry that the cache has ' +
    'stored. After each eviction it is checked that an entry of each end is not served any more. The ' +
    'peers are measured with 10,000 entries of their own making.',
  measure: async (bench) => {
    const cases: Case[] = [];
    const many = bench.size(1_000_000, 100_000);
    for (const level of ['tag', 'cache', 'tenant'] as const) {
      const figures: Figure[] = [];
      for (const entries of [1_000, many]) figures.push(await ownFigure(bench, level, entries));
      if (level === 'tag' && !bench.quick) figures.push(...(await peerFigures(bench)));
      cases.push({ id: `evict-group/${level}`, title: `evicting a ${level}`, figures });
    }
    return cases;
  },
};

type Level = 'tag' | 'cache' | 'tenant';

async function ownFigure(bench: Bench, level: Level, entries: number): Promise<Figure> {
  const prefix = `bench-${randomUUID()}`;
  const redis = new Redis(bench.redisUrl);
  const app = await OwnApp.withRedis(bench, { near: false }, { prefix });
  const cache = app.cache(CACHE);
  const caches = app.caches.forTenant(TENANT);
  const last = String(entries - 1);
  const fill = (key: string): Promise<unknown> => cache.wrap(key, () => leadOf(1), { tags: [TAG] });
  const evict: Record<Level, () => Promise<void>> = {
    tag: () => caches.evictTags([TAG]),
    cache: () => cache.flush(),
    tenant: () => caches.evictTenant(),
  };
  await fill('0');
  await replicate(redis, (number) => `${prefix}:{${TENANT}/${CACHE}@1/${number}}`, entries);
  if (!(await cache.exists(last))) throw new Error('The copies are no entries.');
  const measures = await measureEviction(bench, evict[level], async () => {
    if (await cache.exists('0')) throw new Error(`The ${level} is still served.`);
    if (await cache.exists(last)) throw new Error(`The ${level} is still served.`);
    await fill('0');
  });
  await app.close();
  await redis.flushdb();
  redis.disconnect();
  return { contender: `${OWN}, ${entries.toLocaleString('en-US')} entries`, measures };
}

/** @param after makes sure that the eviction has worked, and puts something there to evict again */
async function measureEviction(
  bench: Bench,
  evict: () => Promise<unknown>,
  after: () => Promise<void>,
): Promise<Measures> {
  // The first time Redis learns the script.
  await evict();
  await after();
  const count = await countingCommands(bench.redisUrl, async () => {
    await evict();
  });
  await after();
  const times: number[] = [];
  for (let round = 0; round < bench.size(51, 21); round++) {
    const beganNs = process.hrtime.bigint();
    await evict();
    times.push(Number(process.hrtime.bigint() - beganNs));
    await after();
  }
  return {
    timeNs: sampleOf(times),
    commands: exactly(count.sent),
    inScripts: exactly(count.inScripts),
  };
}

async function peerFigures(bench: Bench): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const cache of cachesOf(bench)) {
    if (cache.name === OWN) continue;
    const measures = await peerMeasures(bench, cache);
    const contender = `${cache.name}, ${PEER_ENTRIES.toLocaleString('en-US')} entries`;
    if (measures) figures.push({ contender, measures });
  }
  return figures;
}

async function peerMeasures(bench: Bench, cache: PeerCache): Promise<Measures | undefined> {
  const node = await cache.create(bench.redisUrl, nodeOptions());
  try {
    if (!node.evictTags) return undefined;
    const load = (): Promise<unknown> => Promise.resolve(leadOf(1));
    await inFlight(64, (number) => node.wrap(String(number), load, { tags: [TAG] }))(PEER_ENTRIES);
    // Once: what it costs depends on how many entries are there, and they are gone then.
    const beganNs = process.hrtime.bigint();
    const count = await countingCommands(bench.redisUrl, async () => {
      await node.evictTags?.([TAG]);
    });
    return {
      timeNs: exactly(Number(process.hrtime.bigint() - beganNs)),
      commands: exactly(count.sent),
      inScripts: exactly(count.inScripts),
    };
  } finally {
    await node.close();
  }
}
