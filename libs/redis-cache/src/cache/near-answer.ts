import type { ResolvedPolicy } from '../config/resolve-policy.js';
import { outsideAnyCall } from '../resilience/outside-any-call.js';
import type { NearEntry } from '../stores/near-node.js';
import { copyOf } from './held-values.js';

/**
 * What a hit in this process is answered with: a promise of a copy; or where all share one value, from the
 * second hit on, one promise that all share as well, for making it takes longer than finding the entry.
 */
export function nearAnswer(policy: ResolvedPolicy, entry: NearEntry): Promise<unknown> {
  if (!entry.frozen) return Promise.resolve(copyOf(policy, entry));
  return entry.answer ?? sharedAnswer(entry);
}

function sharedAnswer(entry: NearEntry): Promise<unknown> {
  const isFirst = entry.answer === undefined;
  entry.answer = null;
  if (isFirst) return Promise.resolve(entry.value);
  // A promise keeps the context alive that it is made in, be it that of a request.
  return (entry.answer = outsideAnyCall(() => Promise.resolve(entry.value)));
}
