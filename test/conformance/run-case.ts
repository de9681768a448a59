import type { PeerCache } from '../../bench/peer-cache.js';
import { bounded } from './bounded.js';
import type { ConformanceCase } from './conformance-case.js';
import { Trial } from './trial.js';
import { fail, Hung, Unsupported, unsupported, type Verdict } from './verdict.js';

/** Past this a case has failed, whatever it waits for. */
const CASE_DEADLINE_MS = 40_000;

/**
 * Tries one case on one library. Never throws: what goes wrong is what was seen.
 *
 * @param uncaught what was thrown meanwhile where nobody could catch it; asked before the nodes are
 *   closed, as a library need not be judged by how an adapter closes it
 */
export async function runCase(
  { run }: ConformanceCase,
  peer: PeerCache,
  redisUrl: string,
  uncaught: () => string | undefined = () => undefined,
): Promise<Verdict> {
  const trial = new Trial(peer, redisUrl);
  try {
    const verdict = await bounded('the case', run(trial), CASE_DEADLINE_MS).catch(verdictOf);
    const error = uncaught();
    if (error === undefined) return verdict;
    return fail(`${verdict.seen}; an error was thrown where nobody can catch it: ${error}`);
  } finally {
    await trial.end();
  }
}

function verdictOf(error: unknown): Verdict {
  if (error instanceof Unsupported) return unsupported(error.message);
  if (error instanceof Hung) return fail(error.message);
  return fail(`a call failed with ${shown(error)}`);
}

function shown(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.name}: ${error.message.split('\n')[0]?.slice(0, 120) ?? ''}`;
}
