import { allPeers as otherLibraries } from '../../bench/peer-libraries.js';
import type { PeerCache } from '../../bench/peer-cache.js';
import { ourCache } from './our-cache.js';

/** Names of all libraries that share entries between processes, ours first. */
export function allPeers(): readonly string[] {
  return [ourCache, ...others()].map(({ name }) => name);
}

/** @throws {Error} there is no library of that name */
export function loadPeer(name: string): PeerCache {
  if (name === ourCache.name) return ourCache;
  const found = others().find((peer) => peer.name === name);
  if (!found) throw new Error(`No adapter in bench/peers sets up '${name}'.`);
  return found;
}

function others(): PeerCache[] {
  return otherLibraries().filter(({ memoryOnly }) => memoryOnly !== true);
}
