import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { cachesOf, openNode } from '../contenders/caches.js';
import { OWN } from '../contenders/names.js';
import { OwnApp, TENANT } from '../contenders/own.js';
import { leadOf } from '../data/leads.js';
import { replicate } from '../data/replicate.js';
import type { Bench } from '../measure/bench.js';
import { inFlight } from '../measure/loops.js';
import { countingCommands, type CommandCount } from '../measure/redis-commands.js';
import { exactly, quotients, sampleOf } from '../measure/statistics.js';
import type { Case, Figure, Measures } from '../measure/outcome.js';
import type { Workload } from '../measure/workload.js';
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
    'peers are measured with 10,000 entries of their own making, while their commands are counted.',
  measure: async (bench) => {
    const cases: Case[] = [];
    const many = bench.size(1_000_000, 100_000);
    for (const level of ['tag', 'cache', 'tenant'] as const) {
      const figures = await ownFigures(bench, level, [1_000, many]);
      if (level === 'tag' && !bench.quick) figures.push(...(await peerFigures(bench)));
      const reference = nameOf(1_000);
      cases.push({ id: `evict-group/${level}`, title: `evicting a ${level}`, reference, figures });
    }
    return cases;
  },
};

type Level = 'tag' | 'cache' | 'tenant';

/** The sizes take turns; the first one is the reference. */
async function ownFigures(bench: Bench, level: Level, sizes: readonly number[]): Promise<Figure[]> {
  const groups: EntryGroup[] = [];
  for (const size of sizes) groups.push(await EntryGroup.of(bench, size));
  const times = new Map<EntryGroup, number[]>(groups.map((group) => [group, []]));
  const counts = new Map<EntryGroup, CommandCount>();
  for (let round = 0; round < bench.size(51, 21); round++) {
    for (const group of groups) {
      const evict = (): Promise<void> => group.evict(level);
      // Redis has learnt the script in the first round.
      if (round === 1) counts.set(group, await countingCommands(bench.redisUrl, evict));
      else times.get(group)?.push(await timeNs(evict));
      await group.assertEvicted();
    }
  }
  for (const group of groups) await group.close();
  const [reference = []] = times.values();
  return groups.map((group) => {
    const taken = times.get(group) ?? [];
    const { sent = NaN, inScripts = NaN } = counts.get(group) ?? {};
    const measures = {
      timeNs: sampleOf(taken),
      ratio: sampleOf(quotients(taken, reference)),
      commands: exactly(sent),
      inScripts: exactly(inScripts),
    };
    return { contender: nameOf(group.size), measures };
  });
}

/** Entries that are evicted all at once. */
class EntryGroup {
  private constructor(
    readonly size: number,
    private readonly app: OwnApp,
  ) {}

  static async of(bench: Bench, size: number): Promise<EntryGroup> {
    const prefix = `bench-${randomUUID()}`;
    const app = await OwnApp.withRedis(bench, { near: false }, { prefix });
    const group = new EntryGroup(size, app);
    await group.fill();
    const redis = new Redis(bench.redisUrl);
    await replicate(redis, (number) => `${prefix}:{${TENANT}/${CACHE}@1/${number}}`, size);
    redis.disconnect();
    if (!(await app.cache(CACHE).exists(group.last))) throw new Error('The copies are no entries.');
    return group;
  }

  evict(level: Level): Promise<void> {
    const caches = this.app.caches.forTenant(TENANT);
    switch (level) {
      case 'tag':
        return caches.evictTags([TAG]);
      case 'cache':
        return caches.cache(CACHE).flush();
      case 'tenant':
        return caches.evictTenant();
    }
  }

  /** Puts an entry there again, too, so that there is something to evict. */
  async assertEvicted(): Promise<void> {
    const cache = this.app.cache(CACHE);
    if ((await cache.exists('0')) || (await cache.exists(this.last))) {
      throw new Error('What was evicted is still served.');
    }
    await this.fill();
  }

  close(): Promise<void> {
    return this.app.close();
  }

  private get last(): string {
    return String(this.size - 1);
  }

  private async fill(): Promise<void> {
    await this.app.cache(CACHE).wrap('0', () => leadOf(1), { tags: [TAG] });
  }
}

async function timeNs(act: () => Promise<unknown>): Promise<number> {
  const beganNs = process.hrtime.bigint();
  await act();
  return Number(process.hrtime.bigint() - beganNs);
}

function nameOf(size: number): string {
  return `${OWN}, ${size.toLocaleString('en-US')} entries`;
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
  const node = await openNode(cache, bench.redisUrl);
  try {
    if (!node.evictTags) return undefined;
    const load = (): Promise<unknown> => Promise.resolve(leadOf(1));
    await inFlight(64, (number) => node.wrap(String(number), load, { tags: [TAG] }))(PEER_ENTRIES);
    // Once: what it costs depends on how many entries are there, and they are gone then.
    let tookNs = NaN;
    const count = await countingCommands(bench.redisUrl, async () => {
      tookNs = await timeNs(async () => node.evictTags?.([TAG]));
    });
    return {
      timeNs: exactly(tookNs),
      commands: exactly(count.sent),
      inScripts: exactly(count.inScripts),
    };
  } finally {
    await node.close();
  }
}
