import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { PeerCache } from './peer-cache.js';

const ADAPTERS = join(__dirname, 'peers');
const ADAPTER = '.adapter.ts';
const requireAdapter = createRequire(__filename);

/**
 * Installs the libraries that have an adapter in `bench/peers`, if they are not there yet: they are no
 * part of the workspace.
 *
 * @returns whether they are there
 */
export function installPeers(): boolean {
  if (existsSync(join(__dirname, 'node_modules'))) return true;
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: __dirname,
    stdio: 'inherit',
  });
  return status === 0;
}

/** All of them, as their adapters set them up. */
export function allPeers(): PeerCache[] {
  return readdirSync(ADAPTERS)
    .filter((file) => file.endsWith(ADAPTER))
    .flatMap(peersIn);
}

/**
 * One of them, without loading the others: an adapter is called as its library, and so are its peers, but for how
 * they are set up.
 */
export function peerNamed(name: string): PeerCache | undefined {
  const file = `${String(name.split(',')[0])}${ADAPTER}`;
  if (!existsSync(join(ADAPTERS, file))) return undefined;
  return peersIn(file).find((peer) => peer.name === name);
}

function peersIn(file: string): readonly PeerCache[] {
  const adapter = requireAdapter(join(ADAPTERS, file)) as { readonly peers: readonly PeerCache[] };
  return adapter.peers;
}
