import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { scenario, type Scenario } from '../scenario.js';
import { SingleServer } from '../stages.js';

const LASTS_MS = 500;
const ENTRIES = 'cache:{acme/lead*}';

/** The server is well, and what it holds is not. */
export const DATA_SCENARIOS: readonly Scenario[] = [
  damage('loses all its data, every 50 ms (FLUSHALL)', 50, (admin) => admin.flushall()),
  damage('forgets its scripts, every 10 ms (SCRIPT FLUSH)', 10, (admin) => admin.script('FLUSH')),
  damage('holds garbage instead of entries', 50, (admin) =>
    forEachEntry(admin, (key) => admin.set(key, 'garbage')),
  ),
  damage('holds values without a byte instead of entries', 50, (admin) =>
    forEachEntry(admin, (key) => admin.set(key, '')),
  ),
  damage('holds lists instead of entries', 50, (admin) =>
    forEachEntry(admin, (key) => admin.multi().del(key).rpush(key, 'an element').exec()),
  ),
];

function damage(what: string, everyMs: number, act: (admin: Redis) => Promise<unknown>): Scenario {
  return scenario({
    name: `the server ${what}`,
    stage: () => SingleServer.start(),
    mode: 'redis',
    cutsOff: false,
    lastsMs: 0,
    strike: async ({ admin }) => {
      for (let leftMs = LASTS_MS; leftMs > 0; leftMs -= everyMs) {
        await act(admin);
        await sleep(everyMs);
      }
    },
  });
}

async function forEachEntry(admin: Redis, act: (key: string) => Promise<unknown>): Promise<void> {
  await Promise.all((await admin.keys(ENTRIES)).map(act));
}
