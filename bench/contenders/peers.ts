import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { PeerCache } from '../peer-cache.js';

const BENCH = path.resolve(__dirname, '..');
const ADAPTER = '.adapter.ts';

/** Whether the packages of the peers are here: they are installed on demand. */
export function peersInstalled(): boolean {
  return existsSync(path.join(BENCH, 'node_modules'));
}

/** All peers that have an adapter. */
export function allPeers(): PeerCache[] {
  const load = createRequire(__filename);
  const folder = path.join(BENCH, 'peers');
  return readdirSync(folder)
    .filter((file) => file.endsWith(ADAPTER))
    .flatMap((file) => {
      const adapter = load(path.join(folder, file)) as { readonly peers: readonly PeerCache[] };
      return adapter.peers;
    });
}
