import { setTimeout as sleep } from 'node:timers/promises';
import type { PeerNode } from '../../../bench/peer-cache.js';
import { MESSAGE_MS, type ConformanceCase } from '../conformance-case.js';
import { loading, loadInFlight } from '../load-in-flight.js';
import type { Trial } from '../trial.js';
import { fail, pass, passIf, type Verdict } from '../verdict.js';

const GROUP = 'An eviction or a write meets a load';
const KEY = 'lead';

export const evictionCases: readonly ConformanceCase[] = [
  {
    group: GROUP,
    name: 'An eviction wins over a load under way in the same process',
    how: 'The load is held by a gate after it has read `old`; the key is evicted; the gate opens. Then the same process, and a third one that starts now, ask for the key.',
    async run(trial) {
      const node = await trial.node();
      return afterLoad(trial, node, () => node.evict(KEY));
    },
  },
  {
    group: GROUP,
    name: 'An eviction wins over a load under way in another process',
    how: 'As above, and the key is evicted by another process than the one that loads.',
    async run(trial) {
      const [loader, evictor] = await trial.pair();
      return afterLoad(trial, loader, () => evictor.evict(KEY));
    },
  },
  {
    group: GROUP,
    name: 'Who asks after the eviction does not get what an older load finds',
    how: 'The load is held with `old`; the key is evicted; the key is asked for again, while the first load is still under way, with a load of `new`.',
    async run(trial) {
      const node = await trial.node();
      const older = await loadInFlight(node, KEY, 'old');
      await node.evict(KEY);
      const after = node.wrap(KEY, loading('new'));
      // Long enough to load; a library that joins the older load must not hang the case.
      await Promise.race([after, sleep(MESSAGE_MS)]);
      await older.finish();
      return passIf((await after) === 'new', `answered \`${await after}\``);
    },
  },
  {
    group: GROUP,
    name: 'A write wins over a load under way in the same process',
    how: 'The load is held with `old`; `new` is written; the gate opens. Then the same process, and a third one that starts now, read the key.',
    async run(trial) {
      const node = await trial.node();
      return afterLoad(trial, node, () => node.set(KEY, 'new'));
    },
  },
  {
    group: GROUP,
    name: 'A write wins over a load under way in another process',
    how: 'As above, and another process writes.',
    async run(trial) {
      const [loader, writer] = await trial.pair();
      return afterLoad(trial, loader, () => writer.set(KEY, 'new'));
    },
  },
  {
    group: GROUP,
    name: 'Evicting everything wins over a load under way',
    how: 'As with one key, with the operation that clears the whole cache.',
    async run(trial) {
      const node = await trial.node();
      const clear = trial.needs(node.clear, 'it clears nothing');
      return afterLoad(trial, node, clear);
    },
  },
  {
    group: GROUP,
    name: 'Evicting a tag wins over a load under way',
    how: 'The load of a tagged entry is held with `old`; the tag is evicted; the gate opens.',
    async run(trial) {
      const node = await trial.node();
      const evictTags = trial.needs(node.evictTags, 'it has no tags');
      return afterLoad(trial, node, () => evictTags(['team']), ['team']);
    },
  },
  {
    group: GROUP,
    name: 'Evicting a tag wins over a load under way in another process',
    how: 'As above, and another process evicts the tag.',
    async run(trial) {
      const [loader, evictor] = await trial.pair();
      const evictTags = trial.needs(evictor.evictTags, 'it has no tags');
      return afterLoad(trial, loader, () => evictTags(['team']), ['team']);
    },
  },
  {
    group: GROUP,
    name: 'An eviction wins over a read that is on its way from Redis',
    how: 'For 200 keys that only Redis holds: one process reads the key while another evicts it, at the same time. Later the reader is asked again.',
    async run(trial) {
      const [reader, evictor] = await trial.pair();
      const keys = Array.from({ length: 200 }, (_, index) => `${KEY}-${index}`);
      await Promise.all(keys.map((key) => evictor.set(key, 'old')));
      await sleep(MESSAGE_MS);
      await Promise.all(
        keys.flatMap((key) => [reader.wrap(key, loading('new')), evictor.evict(key)]),
      );
      await sleep(MESSAGE_MS);
      const later = await Promise.all(keys.map((key) => reader.get(key)));
      const stale = later.filter((value) => value === 'old').length;
      return passIf(stale === 0, `${stale} of ${keys.length} keys answered \`old\` afterwards`);
    },
  },
];

/** Holds a load of `old`, acts, lets it go, and asks the loader and a third node for the key. */
async function afterLoad(
  trial: Trial,
  loader: PeerNode,
  act: () => Promise<unknown>,
  tags?: readonly string[],
): Promise<Verdict> {
  const options = tags && { tags };
  const older = await loadInFlight(loader, KEY, 'old', options);
  await act();
  await older.finish();
  await sleep(MESSAGE_MS);
  const same = await loader.wrap(KEY, loading('new'), options);
  const third = await (await trial.node()).wrap(KEY, loading('new'), options);
  const stale = Object.entries({ 'the loading process': same, 'a third process': third })
    .filter(([, value]) => value !== 'new')
    .map(([who, value]) => `${who} answered \`${value}\``);
  return stale.length === 0 ? pass('both answered `new`') : fail(stale.join(', '));
}
