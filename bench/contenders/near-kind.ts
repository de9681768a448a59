import type { Bench } from '../measure/bench.js';
import { countingCommands } from '../measure/redis-commands.js';
import type { NearKind, NearKinds, PeerCache, PeerNode } from '../peer-cache.js';
import { cachesOf, openNode } from './caches.js';

const CALLS = 20;

/** Finds out by trying, so that no list has to be right. */
export async function findNearKinds(
  peers: readonly PeerCache[],
  redisUrl: string,
): Promise<NearKinds> {
  const kinds: Record<string, NearKind> = {};
  for (const peer of peers) {
    const node = await openNode(peer, redisUrl);
    kinds[peer.name] = await nearKindOf(node, redisUrl);
    await node.close();
  }
  return kinds;
}

/** The peers of this run. */
export function peersByNearKind(bench: Bench): Record<NearKind, PeerCache[]> {
  const kinds: Record<NearKind, PeerCache[]> = { copies: [], shares: [], none: [] };
  for (const cache of cachesOf(bench)) {
    const kind = bench.nearKinds[cache.name];
    if (kind !== undefined) kinds[kind].push(cache);
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
