import { setTimeout as sleep } from 'node:timers/promises';
import type { PeerNode } from '../../../bench/peer-cache.js';
import { MESSAGE_MS, type ConformanceCase } from '../conformance-case.js';
import { loading } from '../load-in-flight.js';
import type { Trial } from '../trial.js';
import { passIf, type Verdict } from '../verdict.js';

const GROUP = 'Several processes keep in step';
const KEY = 'lead';
const RECONNECT_MS = 5_000;

export const processCases: readonly ConformanceCase[] = [
  {
    group: GROUP,
    name: 'What one process stored answers another',
    how: 'One process loads; another asks for the key and must not load.',
    async run(trial) {
      const [first, second] = await trial.pair();
      await first.wrap(KEY, loading('first'));
      const value = await second.wrap(KEY, loading('second'));
      return passIf(value === 'first', `answered the value of the ${value} load`);
    },
  },
  {
    group: GROUP,
    name: 'What one process evicts leaves the memory of others',
    how: `Both have answered the key from memory; one evicts it; the other is asked ${MESSAGE_MS} ms later.`,
    run: (trial) => afterChange(trial, (node) => node.evict(KEY)),
  },
  {
    group: GROUP,
    name: 'What one process writes replaces the value in the memory of others',
    how: 'As above, and one process writes `new`.',
    run: (trial) => afterChange(trial, (node) => node.set(KEY, 'new')),
  },
  {
    group: GROUP,
    name: 'Clearing the cache reaches the memory of others',
    how: 'As above, and one process clears the whole cache.',
    run: (trial) => afterChange(trial, (node) => trial.needs(node.clear, 'it clears nothing')()),
  },
  {
    group: GROUP,
    name: 'Evicting a tag reaches the memory of others',
    how: 'As above with a tagged entry, and one process evicts the tag.',
    run: (trial) =>
      afterChange(trial, (node) => trial.needs(node.evictTags, 'it has no tags')(['team']), [
        'team',
      ]),
  },
  {
    group: GROUP,
    name: 'An eviction is not missed while the listening connection is cut',
    how: 'Both have the key in memory. The server cuts the connections that listen and lets no other in; one process evicts the key and loads `new`; connections are let in again. When they listen again, the other process is asked.',
    run: listenersCut,
  },
  {
    group: GROUP,
    name: 'Memory does not keep an entry longer than Redis does',
    how: 'An entry of 2 s is loaded by one process and read by another 1.5 s later, which is asked again 1 s after that.',
    async run(trial) {
      const [first, second] = await trial.pair({ ttlSeconds: 2 });
      await first.wrap(KEY, loading('old'));
      await sleep(1_500);
      await second.wrap(KEY, loading('new'));
      await sleep(1_000);
      const value = await second.get(KEY);
      return passIf(value !== 'old', `answered \`${String(value)}\` after 2.5 s`);
    },
  },
];

/** Both nodes have `old` in memory; one changes it; the other is asked. */
async function afterChange(
  trial: Trial,
  change: (node: PeerNode) => Promise<unknown>,
  tags?: readonly string[],
): Promise<Verdict> {
  const [changer, other] = await trial.pair();
  await bothHold(changer, other, tags);
  await change(changer);
  await sleep(MESSAGE_MS);
  const value = await other.wrap(KEY, loading('new'));
  return passIf(value === 'new', `the other process answered \`${value}\``);
}

async function bothHold(a: PeerNode, b: PeerNode, tags?: readonly string[]): Promise<void> {
  const options = tags && { tags };
  await a.wrap(KEY, loading('old'), options);
  await b.wrap(KEY, loading('old'), options);
  await b.get(KEY);
  await sleep(MESSAGE_MS);
}

async function listenersCut(trial: Trial): Promise<Verdict> {
  const server = await trial.server();
  const [evictor, other] = await trial.pair({}, server.url);
  const admin = trial.admin(server.url);
  await bothHold(evictor, other);
  const listeners = await admin.listeners();
  await admin.cutListeners();
  await evictor.evict(KEY);
  await evictor.wrap(KEY, loading('new'));
  const meanwhile = await other.get(KEY);
  await admin.admit(listeners, RECONNECT_MS);
  await sleep(MESSAGE_MS);
  const after = await other.get(KEY);
  const seen = `answered \`${String(meanwhile)}\` while it was cut and \`${String(after)}\` after`;
  return passIf(after !== 'old', listeners === 0 ? `${seen}; nobody listens` : seen);
}
