/** A node of a cache in a process of its own; `contenders/remote-node.ts` is the other end. */

import { setTimeout } from 'node:timers/promises';
import { cacheNamed, openNode, type OwnNode } from './contenders/caches.js';
import { leadOf } from './data/leads.js';
import { heapGrowth } from './measure/heap.js';
import { inFlight } from './measure/loops.js';
import type { NodeOptions, PeerNode } from './peer-cache.js';

/** Callers who ask for one entry at the same time. */
export interface ColdCalls {
  readonly key: string;
  readonly callers: number;
  readonly loadMs: number;
}

/** Entries to be kept, and to be weighed from a number on. */
export interface Weighing {
  readonly warmUp: number;
  readonly entries: number;
}

/** What is asked of this process. */
export type NodeRequest =
  | { readonly kind: 'ask'; readonly calls: ColdCalls }
  | { readonly kind: 'weigh'; readonly weighing: Weighing }
  | { readonly kind: 'end' };

/** Times are those of the machine's monotonic clock, the same in all processes. */
export interface Asked {
  readonly loads: number;
  readonly beganNs: number;
  readonly endedNs: number;
}

export interface Weighed {
  readonly heapBytes: number;
  /** Of all entries, as ours counts them itself. */
  readonly accountedBytes: number | undefined;
}

async function main(): Promise<void> {
  const { cache, redisUrl, options } = JSON.parse(process.argv[2] ?? '') as {
    readonly cache: string;
    readonly redisUrl: string;
    readonly options: NodeOptions;
  };
  const node = await openNode(cacheNamed(cache), redisUrl, options);
  process.on('message', (request: NodeRequest) => void answer(node, request));
  process.once('disconnect', () => void node.close());
  process.send?.('ready');
}

async function answer(node: PeerNode, request: NodeRequest): Promise<void> {
  switch (request.kind) {
    case 'ask':
      process.send?.(await askAtOnce(node, request.calls));
      break;
    case 'weigh':
      process.send?.(await weigh(node, request.weighing));
      break;
    case 'end':
      process.disconnect();
  }
}

async function askAtOnce(node: PeerNode, { key, callers, loadMs }: ColdCalls): Promise<Asked> {
  let loads = 0;
  const load = async (): Promise<unknown> => {
    loads += 1;
    await setTimeout(loadMs);
    return leadOf(1);
  };
  const beganNs = Number(process.hrtime.bigint());
  await Promise.all(Array.from({ length: callers }, () => node.wrap(key, load)));
  return { loads, beganNs, endedNs: Number(process.hrtime.bigint()) };
}

async function weigh(node: PeerNode, { warmUp, entries }: Weighing): Promise<Weighed> {
  const keep = inFlight(16, (number) =>
    node.wrap(String(number), () => Promise.resolve(leadOf(number))),
  );
  await keep(warmUp);
  const heapBytes = await heapGrowth(() => keep(entries));
  const accountedBytes = 'nearBytes' in node ? (node as OwnNode).nearBytes() : undefined;
  return { heapBytes, accountedBytes };
}

void main();
