import { setTimeout as sleep } from 'node:timers/promises';
import type { PeerNode } from '../../../bench/peer-cache.js';
import { MESSAGE_MS, type ConformanceCase } from '../conformance-case.js';
import { loading } from '../load-in-flight.js';
import type { RedisAdmin } from '../redis-admin.js';
import type { Trial } from '../trial.js';
import { fail, pass, passIf, type Verdict } from '../verdict.js';

const GROUP = 'The data of the server change by other means';
const KEY = 'lead-entry';
const TAGGED = { tags: ['team'] };

export const serverCases: readonly ConformanceCase[] = [
  {
    group: GROUP,
    name: 'What an operator deletes leaves the memory of processes',
    how: `Two processes have answered the key from memory; its keys in Redis are deleted as with \`redis-cli DEL\`; both are asked ${MESSAGE_MS} ms later.`,
    run: (trial) => afterOperator(trial, (admin) => admin.delete('with', KEY)),
  },
  {
    group: GROUP,
    name: 'What an operator flushes leaves the memory of processes',
    how: 'As above, with `FLUSHALL`.',
    run: (trial) => afterOperator(trial, (admin) => admin.flushAll()),
  },
  {
    group: GROUP,
    name: 'An evicted tag stays evicted when what is kept of it is lost',
    how: 'A tagged entry is loaded and its tag evicted. Then all keys but that of the entry leave Redis, as by their expiry or for want of memory. A process that starts now and the same one are asked.',
    run: (trial) =>
      afterLoss(trial, (node) => ({
        holder: node,
        evict: () => trial.needs(node.evictTags, 'it has no tags')(TAGGED.tags),
        options: TAGGED,
      })),
  },
  {
    group: GROUP,
    name: 'A cleared tenant stays cleared when what is kept of it is lost',
    how: 'As above, with an entry of a tenant or namespace, which is cleared.',
    run: (trial) =>
      afterLoss(trial, (node) => {
        const holder = trial.needs(node.tenant, 'it has no tenants or namespaces')('acme');
        return { holder, evict: trial.needs(holder.clear, 'it clears nothing') };
      }),
  },
];

/** Both nodes have `old` in memory; somebody changes the server; both are asked. */
async function afterOperator(
  trial: Trial,
  change: (admin: RedisAdmin) => Promise<unknown>,
): Promise<Verdict> {
  const { url } = await trial.server();
  const admin = trial.admin(url);
  const nodes = await trial.pair({}, url);
  for (const node of [...nodes, ...nodes]) await node.wrap(KEY, loading('old'));
  await sleep(MESSAGE_MS);
  await change(admin);
  await sleep(MESSAGE_MS);
  const values = await Promise.all(nodes.map((node) => node.get(KEY)));
  return passIf(
    !values.includes('old'),
    `answered ${values.map((value) => `\`${String(value)}\``).join(' and ')}`,
  );
}

interface Grouped {
  readonly holder: PeerNode;
  readonly evict: () => Promise<unknown>;
  readonly options?: typeof TAGGED;
}

async function afterLoss(trial: Trial, grouped: (node: PeerNode) => Grouped): Promise<Verdict> {
  const { url } = await trial.server();
  const admin = trial.admin(url);
  const same = grouped(await trial.node({}, url));
  await same.holder.wrap(KEY, loading('old'), same.options);
  await same.evict();
  await sleep(MESSAGE_MS);
  await admin.delete('without', KEY);
  const later = grouped(await trial.node({}, url));
  const answers = {
    'a process that started later': await later.holder.get(KEY),
    'the same process': await same.holder.get(KEY),
  };
  const stale = Object.entries(answers).filter(([, value]) => value === 'old');
  return stale.length === 0
    ? pass('nobody answered `old`')
    : fail(stale.map(([who]) => `${who} answered \`old\``).join(', '));
}
