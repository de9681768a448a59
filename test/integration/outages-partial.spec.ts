import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { hasRedisBinary } from '../support/redis/redis-server.js';
import { outageContract, type Outage } from './support/outage.contract.js';

jest.setTimeout(60_000);

const LASTS_MS = 500;

/** Again and again, as long as such an outage lasts. */
const again = async (everyMs: number, act: () => Promise<unknown>): Promise<void> => {
  for (let leftMs = LASTS_MS; leftMs > 0; leftMs -= everyMs) {
    await act();
    await sleep(everyMs);
  }
};

/** Does something to every entry that is there. */
const forEachEntry = async (
  admin: Redis,
  act: (key: string, admin: Redis) => Promise<unknown>,
): Promise<void> => {
  const keys = await admin.keys('cache:{acme/quote@1/*}');
  await Promise.all(keys.map((key) => act(key, admin)));
};

/** Redis is there, and something is wrong with it all the same. */
const OUTAGES: readonly Outage[] = [
  {
    name: 'is full',
    mode: 'redis',
    lastsMs: LASTS_MS,
    strike: (_server, admin) => admin.config('SET', 'maxmemory', '1'),
    heal: (_server, admin) => admin.config('SET', 'maxmemory', '0'),
  },
  {
    name: 'forgets its scripts',
    mode: 'redis',
    lastsMs: 0,
    strike: (_server, admin) => again(10, () => admin.script('FLUSH')),
    heal: () => undefined,
  },
  {
    name: 'loses its data',
    mode: 'redis',
    lastsMs: 0,
    strike: (_server, admin) => again(50, () => admin.flushall()),
    heal: () => undefined,
  },
  {
    name: 'holds garbage',
    mode: 'redis',
    lastsMs: 0,
    strike: (_server, admin) =>
      again(50, () => forEachEntry(admin, (key) => admin.set(key, 'garbage'))),
    heal: () => undefined,
  },
  {
    name: 'holds values without a byte',
    mode: 'redis',
    lastsMs: 0,
    strike: (_server, admin) => again(50, () => forEachEntry(admin, (key) => admin.set(key, ''))),
    heal: () => undefined,
  },
  {
    name: 'holds values of another type',
    mode: 'redis',
    lastsMs: 0,
    strike: (_server, admin) =>
      again(50, () =>
        forEachEntry(admin, (key) => admin.multi().del(key).rpush(key, 'an element').exec()),
      ),
    heal: () => undefined,
  },
  {
    name: 'cuts its connections',
    mode: 'redis',
    lastsMs: 0,
    strike: (_server, admin) => again(100, () => admin.call('CLIENT', 'KILL', 'TYPE', 'normal')),
    heal: () => undefined,
  },
];

if (hasRedisBinary()) OUTAGES.forEach(outageContract);
else it.skip('needs a server of its own', () => undefined);
