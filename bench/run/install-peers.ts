import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { peersInstalled } from '../contenders/peers.js';

/**
 * The packages of the peers are no part of the workspace: they are installed when they are first
 * compared with.
 *
 * @returns whether they are there
 */
export function installPeers(): boolean {
  if (peersInstalled()) return true;
  const cwd = path.resolve(__dirname, '..');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd, stdio: 'inherit' });
  return status === 0;
}
