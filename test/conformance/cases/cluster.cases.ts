import { setTimeout as sleep } from 'node:timers/promises';
import type { EntryOptions, PeerNode } from '../../../bench/peer-cache.js';
import { MESSAGE_MS, type ConformanceCase } from '../conformance-case.js';
import { loading } from '../load-in-flight.js';
import type { Trial } from '../trial.js';
import { fail, passIf, type Verdict } from '../verdict.js';

const GROUP = 'On a Redis Cluster';
const TAGGED = { tags: ['team'] };
/** So many that every master has some of them. */
const KEYS = Array.from({ length: 30 }, (_, index) => `lead-${index}`);
const ATTEMPTS = 5;

export const clusterCases: readonly ConformanceCase[] = [
  {
    group: GROUP,
    name: 'What one process clears is gone from all masters',
    how: `${KEYS.length} keys are loaded on a cluster of three masters, and read by a second process. The first clears the whole cache. Both, and a third that starts now, are asked for all of them.`,
    run: (trial) => afterChange(trial, (node) => trial.needs(node.clear, 'it clears nothing')()),
  },
  {
    group: GROUP,
    name: 'What one process evicts by a tag is gone from all masters',
    how: 'As above with tagged entries, and the first process evicts the tag.',
    run: (trial) =>
      afterChange(
        trial,
        (node) => trial.needs(node.evictTags, 'it has no tags')(TAGGED.tags),
        TAGGED,
      ),
  },
];

async function afterChange(
  trial: Trial,
  change: (node: PeerNode) => Promise<unknown>,
  options?: EntryOptions,
): Promise<Verdict> {
  const onCluster = await trial.cluster();
  const [changer, other] = await trial.pair(onCluster);
  const shared = await share(changer, other, options);
  if (shared < KEYS.length) {
    return fail(`before that, the second process found ${shared} of the ${KEYS.length} entries`);
  }
  await change(changer);
  await sleep(MESSAGE_MS);
  const third = await trial.node(onCluster);
  const left = await Promise.all([changer, other, third].map(keysOfOld));
  return passIf(
    left.every((keys) => keys.length === 0),
    `of ${KEYS.length} entries the three processes still had ${left.map((keys) => keys.length).join(', ')}`,
  );
}

/**
 * Has one node load what another one finds then. A command may exceed its budget on a busy machine, and
 * its entry is not shared for that: it is loaded again.
 *
 * @returns how many the other one found at last
 */
async function share(from: PeerNode, other: PeerNode, options?: EntryOptions): Promise<number> {
  let missing: readonly string[] = KEYS;
  for (let attempt = 0; missing.length > 0 && attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await Promise.all(missing.map((key) => from.evict(key)));
    for (const key of missing) await from.wrap(key, loading('old'), options);
    await sleep(MESSAGE_MS);
    const old = await keysOfOld(other);
    missing = KEYS.filter((key) => !old.includes(key));
  }
  return KEYS.length - missing.length;
}

async function keysOfOld(node: PeerNode): Promise<string[]> {
  const values = await Promise.all(KEYS.map((key) => node.get(key)));
  return KEYS.filter((_key, index) => values[index] === 'old');
}
