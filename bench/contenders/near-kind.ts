import type { Bench } from '../measure/bench.js';
import { countingCommands } from '../measure/redis-commands.js';
import type { PeerCache, PeerNode } from '../peer-cache.js';
import { cachesOf, openNode } from './caches.js';
import { OWN } from './names.js';

/** What a hit from the process is to its callers, if there are such hits. */
export type NearKind = 'copies' | 'shares' | 'none';

const CALLS = 20;

/** The peers of this run. What they do is found out by trying, so no list of them has to be right. */
export async function peersByNearKind(bench: Bench): Promise<Record<NearKind, PeerCache[]>> {
  const kinds: Record<NearKind, PeerCache[]> = { copies: [], shares: [], none: [] };
  for (const cache of cachesOf(bench)) {
    if (cache.name === OWN) continue;
    const node = await openNode(cache, bench.redisUrl);
    kinds[await nearKindOf(node, bench.redisUrl)].push(cache);
    await node.close();
  }
  return kinds;
}

async function nearKindOf(node: PeerNode, redisUrl: string): Promise<NearKind> {
  const ask = (): Promise<object> =>
    node.wrap('near-kind', () => Promise.resolve({ nested: { n: 1 } }));
  await ask();
  const { sent } = await countingCommands(redisUrl, async () => {
    for (let call = 0; call < CALLS; call++) await ask();
  });
  if (sent >= CALLS) return 'none';
  return (await ask()) === (await ask()) ? 'shares' : 'copies';
}
