import type { EntryOptions, PeerNode } from '../../bench/peer-cache.js';
import { Gate } from '../support/gate.js';

/** A load that has read its source and not yet answered. */
export interface LoadInFlight {
  /** Lets it answer, and waits until its caller has the answer and the library has settled. */
  finish(): Promise<unknown>;
}

/** Has `node` load `value` under `key`, and comes back when the load has begun. */
export async function loadInFlight(
  node: PeerNode,
  key: string,
  value: unknown,
  options?: EntryOptions,
): Promise<LoadInFlight> {
  const gate = new Gate();
  const load = async (): Promise<unknown> => {
    await gate.pass();
    return value;
  };
  const answer = node.wrap(key, load, options);
  // Where it fails before it has begun, that is what is to be seen.
  await Promise.race([gate.reached, answer]);
  return {
    finish: () => {
      gate.open();
      return answer;
    },
  };
}

/** A load for callers that nobody has to wait for. */
export function loading<T>(value: T): () => Promise<T> {
  return () => Promise.resolve(value);
}
