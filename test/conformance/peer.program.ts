import { setTimeout as sleep } from 'node:timers/promises';
import { ALL_CASES } from './all-cases.js';
import { loadPeer } from './peers.js';
import { runCase } from './run-case.js';
import type { Verdict } from './verdict.js';

/** What is told to the parent. */
export type PeerMessage =
  | {
      readonly kind: 'library';
      readonly version: string;
      readonly settings: string;
      readonly strengths: string;
    }
  | { readonly kind: 'begun'; readonly name: string }
  | { readonly kind: 'verdict'; readonly name: string; readonly verdict: Verdict }
  | { readonly kind: 'done' };

/** What closing leaves behind must not be blamed on the next case. */
const AFTER_CLOSING_MS = 200;

const [peerName = '', redisUrl = '', ...names] = process.argv.slice(2);

/** What nobody caught, which in an application would have ended the process. */
const uncaught: string[] = [];
process.on('uncaughtException', (error) => uncaught.push(`${error.name}: ${error.message}`));
process.on('unhandledRejection', (reason) => uncaught.push(String(reason)));

function tell(message: PeerMessage): void {
  process.send?.(message);
}

/**
 * Tries the named cases on one library, in a process of its own: it may hang or die, and nobody else
 * with it. The parent ends it, as what a library leaves behind may keep it alive.
 */
async function main(): Promise<void> {
  const peer = loadPeer(peerName);
  const { version, settings, strengths = '' } = peer;
  tell({ kind: 'library', version, settings, strengths });
  for (const one of ALL_CASES.filter(({ name }) => names.includes(name))) {
    tell({ kind: 'begun', name: one.name });
    const verdict = await runCase(one, peer, redisUrl, () => uncaught[0]);
    tell({ kind: 'verdict', name: one.name, verdict });
    await sleep(AFTER_CLOSING_MS);
    uncaught.length = 0;
  }
  tell({ kind: 'done' });
}

void main();
