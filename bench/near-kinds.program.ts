/** Tells what hits of the peers are; `run/near-kinds-process.ts` is the other end. */

import { findNearKinds } from './contenders/near-kind.js';
import type { NearKinds } from './peer-cache.js';
import { allPeers } from './peer-libraries.js';

export type FoundKinds = NearKinds | Error;

async function main(): Promise<void> {
  const tell = (found: FoundKinds): void => void process.send?.(found);
  await findNearKinds(allPeers(), process.argv[2] ?? '').then(tell, tell);
}

// Of some peers, commands in the background fail where nobody handles it.
process.on('unhandledRejection', (error) => console.error(error));
void main();
