import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { scenario, type Scenario } from '../scenario.js';
import { ReplicatedCluster, Sentinels } from '../stages.js';

/** How long what the primary acknowledges reaches no replica any more. */
const UNREPLICATED_MS = 500;
const MARK = 'written last';
const SLOTS_MOVED = 20;

/** Another server takes over, or takes a part. */
export const FAILOVER_SCENARIOS: readonly Scenario[] = [
  scenario({
    name: 'Sentinel promotes a replica that misses the last 500 ms of writes',
    stage: () => Sentinels.start(),
    mode: 'fallback',
    lastsMs: 0,
    strike: async ({ group: { primary } }) => {
      await stopReplication(primary.url);
      await sleep(UNREPLICATED_MS);
      await primary.kill();
    },
    over: async ({ group }) => {
      const promoted = new Redis(await group.promoted());
      const marked = await promoted.exists(MARK);
      promoted.disconnect();
      if (marked) throw new Error('The failover has lost nothing.');
    },
  }),
  scenario({
    name: 'a master of a cluster is killed and its replica takes over',
    stage: () => ReplicatedCluster.start(),
    mode: 'fallback',
    lastsMs: 0,
    strike: ({ cluster }) => cluster.masters[0]?.kill(),
  }),
  scenario({
    name: 'a replica of a cluster takes over in good order (CLUSTER FAILOVER)',
    stage: () => ReplicatedCluster.start(),
    mode: null,
    lastsMs: 500,
    strike: ({ cluster }) => cluster.handOver(0),
  }),
  scenario({
    name: `${SLOTS_MOVED} slots in use move from a master of a cluster to another`,
    stage: () => ReplicatedCluster.start(),
    mode: null,
    cutsOff: false,
    lastsMs: 0,
    strike: async ({ cluster }) => {
      const [from, to] = cluster.masters;
      if (!from || !to) throw new Error('The cluster has no two masters.');
      for (const slot of await slotsInUse(from.url)) await cluster.moveSlot(slot, from, to);
    },
  }),
];

/** Replicas are sent away and not let in any more; clients notice nothing. */
async function stopReplication(url: string): Promise<void> {
  const primary = new Redis(url);
  await primary.call('ACL', 'SETUSER', 'default', '-psync', '-sync');
  await primary.call('CLIENT', 'KILL', 'TYPE', 'replica');
  await primary.set(MARK, '1');
  primary.disconnect();
}

async function slotsInUse(url: string): Promise<number[]> {
  const master = new Redis(url);
  const keys = await master.keys('*');
  const slots = new Set<number>();
  for (const key of keys) slots.add(await master.cluster('KEYSLOT', key));
  master.disconnect();
  if (slots.size < SLOTS_MOVED) throw new Error(`No more than ${slots.size} slots are in use.`);
  return [...slots].slice(0, SLOTS_MOVED);
}
