import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { PeerCache } from '../../bench/peer-cache.js';
import { ourCache } from './our-cache.js';

const BENCH = join(__dirname, '../../bench');
const ADAPTERS = join(BENCH, 'peers');
const requireAdapter = createRequire(__filename);

/** Whether `npm ci --prefix bench` has been run: without it there is only ours. */
export function peersInstalled(): boolean {
  return existsSync(join(BENCH, 'node_modules'));
}

/** Names of all libraries that share entries between processes, ours first. */
export function allPeers(): readonly string[] {
  return [ourCache, ...others()].map(({ name }) => name);
}

/** @throws {Error} there is no library of that name */
export function loadPeer(name: string): PeerCache {
  if (name === ourCache.name) return ourCache;
  const found = others().find((peer) => peer.name === name);
  if (!found) throw new Error(`No adapter in ${ADAPTERS} sets up '${name}'.`);
  return found;
}

function others(): PeerCache[] {
  return readdirSync(ADAPTERS)
    .filter((file) => file.endsWith('.adapter.ts'))
    .flatMap((file) => (requireAdapter(join(ADAPTERS, file)) as { peers: PeerCache[] }).peers)
    .filter(({ memoryOnly }) => memoryOnly !== true);
}
