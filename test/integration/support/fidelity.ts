import type { Cache } from 'nestjs-redis-cache';
import { strictEqual } from '../../support/exact-equality.js';
import { fidelityCorpus } from '../../support/fidelity-corpus.js';

/** Names of the values that are not in the cache, or not as they were made. */
export async function unfaithful(cache: Cache): Promise<string[]> {
  const names: string[] = [];
  for (const { name, make } of fidelityCorpus) {
    const found = { loads: 0 };
    const value = await cache.wrap(name, () => {
      found.loads += 1;
      return make();
    });
    if (found.loads > 0) names.push(`${name}: not there`);
    else if (!strictEqual(value, make())) names.push(`${name}: not the same`);
  }
  return names;
}
