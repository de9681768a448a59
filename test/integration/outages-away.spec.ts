import { hasRedisBinary } from '../support/redis/redis-server.js';
import { outageContract, type Outage } from './support/outage.contract.js';

jest.setTimeout(60_000);

const LASTS_MS = 500;

/** Redis cannot be used at all, or only to read, which for a cache is the same. */
const OUTAGES: readonly Outage[] = [
  {
    name: 'is killed',
    mode: 'fallback',
    lastsMs: LASTS_MS,
    strike: (server) => server.kill(),
    heal: (server) => server.restart(),
  },
  {
    name: 'is stopped in good order',
    mode: 'fallback',
    lastsMs: LASTS_MS,
    strike: (server) => server.stop(),
    heal: (server) => server.restart(),
  },
  {
    name: 'hangs',
    mode: 'fallback',
    lastsMs: 3_000,
    strike: (server) => server.pause(),
    heal: (server) => server.resume(),
  },
  {
    name: 'pauses its clients',
    mode: 'fallback',
    lastsMs: LASTS_MS,
    strike: (_server, admin) => admin.call('CLIENT', 'PAUSE', String(2 * LASTS_MS), 'ALL'),
    heal: () => undefined,
  },
  {
    name: 'becomes a replica',
    mode: 'fallback',
    lastsMs: LASTS_MS,
    // Of a master that is not there: what it has is served all the same.
    strike: (_server, admin) => admin.replicaof('127.0.0.1', 1),
    heal: (_server, admin) => admin.replicaof('NO', 'ONE'),
  },
  {
    name: 'wants a password all at once',
    mode: 'fallback',
    lastsMs: LASTS_MS,
    strike: async (_server, admin) => {
      await admin.config('SET', 'requirepass', 'secret');
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal');
    },
    heal: (_server, admin) => admin.config('SET', 'requirepass', ''),
  },
];

if (hasRedisBinary()) OUTAGES.forEach(outageContract);
else it.skip('needs a server of its own', () => undefined);
