import type { PeerNode } from '../../bench/peer-cache.js';
import { Hung } from './verdict.js';

/** How long a call may take before it counts as hung. */
const HUNG_AFTER_MS = 5_000;

/** The same promise, which rejects with {@link Hung} if it takes too long. */
export async function bounded<T>(
  what: string,
  work: Promise<T>,
  limitMs = HUNG_AFTER_MS,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Hung(`${what} gave no answer within ${limitMs / 1_000} s`));
    }, limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The same node, each call of which ends in time, be it with {@link Hung}. */
export function boundedNode(node: PeerNode): PeerNode {
  const { evictTags, clear, tenant } = node;
  return {
    get: (key) => call('get', node.get(key)),
    set: (key, value, options) => call('set', node.set(key, value, options)),
    wrap: (key, load, options) => call('wrap', node.wrap(key, load, options)),
    evict: (key) => call('evict', node.evict(key)),
    ...(evictTags && { evictTags: (tags) => call('evictTags', evictTags.call(node, tags)) }),
    ...(clear && { clear: () => call('clear', clear.call(node)) }),
    ...(tenant && { tenant: (id) => boundedNode(tenant.call(node, id)) }),
    close: () => node.close(),
  };
}

/** A case may be over before a call of it fails, and then nobody is there to catch that. */
function call<T>(what: string, work: Promise<T>): Promise<T> {
  const bound = bounded(what, work);
  bound.catch(() => undefined);
  return bound;
}
