import { setTimeout } from 'node:timers/promises';
import { nodeOptions, openNode } from '../contenders/caches.js';
import { OWN, RAW, SKETCH } from '../contenders/names.js';
import { peersByNearKind } from '../contenders/near-kind.js';
import { OwnApp } from '../contenders/own.js';
import { RawCache, rawClients } from '../contenders/raw.js';
import { SketchCache } from '../contenders/sketch.js';
import { zipf } from '../data/key-traces.js';
import { copyOfLead, leadOf, type Lead } from '../data/leads.js';
import { randomOf } from '../data/random.js';
import type { Bench } from '../measure/bench.js';
import { hold, type Contestant, type Prepared } from '../measure/contest.js';
import { inFlight, type Loop } from '../measure/loops.js';
import { exactly } from '../measure/statistics.js';
import type { Workload } from '../measure/workload.js';

const KEYS = 100_000;
const KEYS_OF_QUICK_RUN = 20_000;
/** The part of the keys that each node keeps. */
const KEPT_SHARE = 0.1;
const CALLERS = 64;
const WRITES = 0.05;
/** What is still on its way between the nodes has arrived by then. */
const QUIET_MS = 200;
const CHECKED_KEYS = 2_000;
/** The slowest peers would take half a minute otherwise, to win a few hits. */
const SETTLE_CPU_MS = 10_000;
const SETTLE_STEP = 10_000;

export const zipfMix: Workload = {
  name: 'zipf-mix',
  apart: true,
  title: 'Reads and writes of popular keys',
  method:
    'Two nodes in one process, 64 callers, 100,000 keys asked for by Zipf 0.99, 5 % writes. Each node ' +
    'keeps 10,000 entries, and Redis has all of them. The two writers never write one key at the same time, so what each key has ' +
    'to hold in the end is known: `stale` counts the answers of either node that are not that, of ' +
    'the 2,000 most popular keys, after a pause. Before it is measured each has had 300,000 operations, or 10 s of CPU, to fill its near tiers.',
  chart: {
    measure: 'ratio',
    inverse: true,
    scale: 'linear',
    note: 'speed, by hand with ioredis 6 is 1; more is better',
  },
  measure: async (bench) => {
    const keys = bench.size(KEYS, KEYS_OF_QUICK_RUN);
    const requests = { trace: zipf(1 << 20, keys, 0.99), keys, kept: keys * KEPT_SHARE };
    const { copies, shares } = peersByNearKind(bench);
    const peers = bench.quick ? [] : [...copies, ...shares];
    const contestants = [
      rawContestant(bench, requests),
      sketchContestant(bench, requests),
      ownContestant(bench, requests),
      ...peers
        .filter(({ memoryOnly = false }) => !memoryOnly)
        .map((cache): Contestant => ({
          name: cache.name,
          prepare: async () => {
            const options = nodeOptions();
            const open = (): Promise<MixNode> => openNode(cache, bench.redisUrl, options);
            return prepare(bench, requests, [await open(), await open()]);
          },
        })),
    ];
    return [
      await hold(bench, {
        id: 'zipf-mix/64',
        title: '64 in flight, 5 % writes',
        reference: RAW,
        contestants,
        countedOperations: bench.size(50_000, 10_000),
      }),
    ];
  },
};

/** What is asked for. */
interface Requests {
  readonly trace: Uint32Array;
  readonly keys: number;
  /** Entries that each node keeps. */
  readonly kept: number;
}

/** As far as everybody is alike. */
interface MixNode {
  wrap(key: string, load: () => Promise<Versioned>): Promise<Versioned>;
  set(key: string, value: Versioned): Promise<unknown>;
  /** Reads so far, and those of them that were answered in the process. */
  reads?(): { readonly all: number; readonly near: number };
  close(): unknown;
}

interface Versioned extends Lead {
  readonly version: number;
}

function rawContestant(bench: Bench, requests: Requests): Contestant {
  return {
    name: RAW,
    prepare: async () => {
      const connect = rawClients(bench).get(RAW);
      if (!connect) throw new Error(`There is no client '${RAW}'.`);
      const open = async (): Promise<MixNode> => {
        const cache = new RawCache<Versioned>(await connect());
        return {
          wrap: (key, load) => cache.getOrLoad(`mix:${key}`, load),
          set: (key, value) => cache.set(`mix:${key}`, value),
          close: () => cache.close(),
        };
      };
      return prepare(bench, requests, [await open(), await open()]);
    },
  };
}

function sketchContestant(bench: Bench, requests: Requests): Contestant {
  return {
    name: SKETCH,
    prepare: async () => {
      const open = async (): Promise<MixNode> => {
        const cache = await SketchCache.connect<Versioned>(bench.redisUrl, {
          entries: requests.kept,
          copy: copyOfLead,
        });
        return {
          wrap: (key, load) => cache.getOrLoad(`sketch:${key}`, load),
          set: (key, value) => cache.set(`sketch:${key}`, value),
          close: () => cache.close(),
        };
      };
      return prepare(bench, requests, [await open(), await open()]);
    },
  };
}

function ownContestant(bench: Bench, requests: Requests): Contestant {
  return {
    name: OWN,
    prepare: async () => {
      const { prefix } = nodeOptions();
      const near = { maxEntries: requests.kept, tenantShare: 1 };
      const open = async (): Promise<MixNode> => {
        const app = await OwnApp.withRedis(bench, {}, { prefix, near });
        const cache = app.cache<Versioned>();
        return {
          wrap: (key, load) => cache.wrap(key, load),
          set: (key, value) => cache.set(key, value),
          reads: () => {
            const { nearHits, farHits, misses } = app.caches.getStats().total;
            return { near: nearHits, all: nearHits + farHits + misses };
          },
          close: () => app.close(),
        };
      };
      return prepare(bench, requests, [await open(), await open()]);
    },
  };
}

async function prepare(
  bench: Bench,
  { trace, keys }: Requests,
  nodes: readonly [MixNode, MixNode],
): Promise<Prepared> {
  const source = new Source(keys);
  const random = randomOf(7);
  let writes = 0;
  const operation = async (index: number): Promise<void> => {
    const node = nodes[index & 1] as MixNode;
    const number = trace[index % trace.length] as number;
    if (random() < WRITES && source.begin(number)) {
      writes += 1;
      await node.set(String(number), source.write(number));
      source.end(number);
    } else {
      await node.wrap(String(number), () => source.read(number));
    }
  };
  const run = inFlight(CALLERS, operation);
  await fill(nodes, source, keys);
  await settle(run, bench.size(300_000, 30_000));
  const before = readsOf(nodes);
  return {
    run,
    loads: () => source.loads,
    further: async () => {
      const after = readsOf(nodes);
      await setTimeout(QUIET_MS);
      return {
        ...(after &&
          before && {
            nearHitPercent: exactly(((after.near - before.near) / (after.all - before.all)) * 100),
          }),
        stale: exactly(await staleAnswers(nodes, source)),
        writes: exactly(writes),
      };
    },
    close: async () => {
      for (const node of nodes) await node.close();
    },
  };
}

/** The near tiers settle, so that what is measured is how it goes on: after 100,000 they are 2 points short. */
async function settle(run: Loop, operations: number): Promise<void> {
  const began = process.cpuUsage();
  for (let done = 0; done < operations; done += SETTLE_STEP) {
    const { user, system } = process.cpuUsage(began);
    // All contenders do so at the same time.
    if ((user + system) / 1_000 >= SETTLE_CPU_MS) return;
    await run(SETTLE_STEP);
  }
}

/** Redis gets all keys, the popular ones last, as each is asked for by either node. */
async function fill(
  nodes: readonly [MixNode, MixNode],
  source: Source,
  keys: number,
): Promise<void> {
  await inFlight(CALLERS, async (index) => {
    const number = keys - 1 - index;
    await nodes[index & 1]?.wrap(String(number), () => source.read(number));
  })(keys);
}

function readsOf(nodes: readonly MixNode[]): { all: number; near: number } | undefined {
  const sum = { all: 0, near: 0 };
  for (const node of nodes) {
    const reads = node.reads?.();
    if (!reads) return undefined;
    sum.all += reads.all;
    sum.near += reads.near;
  }
  return sum;
}

async function staleAnswers(nodes: readonly MixNode[], source: Source): Promise<number> {
  let stale = 0;
  for (const node of nodes) {
    for (let number = 0; number < CHECKED_KEYS; number++) {
      const { version } = await node.wrap(String(number), () => source.read(number));
      if (version !== source.versionOf(number)) stale += 1;
    }
  }
  return stale;
}

/** Where the values come from: it knows the current version of each. */
class Source {
  loads = 0;
  private readonly versions: Uint32Array;
  private readonly writing = new Set<number>();

  constructor(keys: number) {
    this.versions = new Uint32Array(keys);
  }

  versionOf(number: number): number {
    return this.versions[number] as number;
  }

  read(number: number): Promise<Versioned> {
    this.loads += 1;
    return Promise.resolve({ ...leadOf(number), version: this.versionOf(number) });
  }

  /** @returns false while another write of the key is under way */
  begin(number: number): boolean {
    if (this.writing.has(number)) return false;
    this.writing.add(number);
    return true;
  }

  write(number: number): Versioned {
    const version = this.versionOf(number) + 1;
    this.versions[number] = version;
    return { ...leadOf(number), version };
  }

  end(number: number): void {
    this.writing.delete(number);
  }
}
