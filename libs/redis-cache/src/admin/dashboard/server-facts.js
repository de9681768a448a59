// @ts-check
import { byId, facts } from './dom.js';
import { bytes, count, duration, NOTHING, percent } from './format.js';
import { share } from './figures.js';

/** @import { RedisFigures } from '../../connection/redis-figures.js' */
/** @import { Store } from './store.js' */

/** What Redis says of itself. @param {Store} store */
export function showServer(store) {
  const list = byId('server');
  /** @type {unknown} */
  let shown;
  store.show(({ quarter }) => {
    if (shown === quarter) return;
    shown = quarter;
    if (!quarter) return;
    if (quarter.redis) list.replaceChildren(...facts(pairsOf(quarter.redis)));
    else {
      const why = quarter.connection === undefined ? 'None is set up' : 'It does not tell';
      list.replaceChildren(...facts([['Figures', why]]));
    }
  });
}

/** @param {RedisFigures} redis @returns {[string, string][]} */
function pairsOf(redis) {
  const { keyspaceHits: hits = 0, keyspaceMisses: misses = 0, uptimeSeconds } = redis;
  return [
    ['Version', redis.version ?? NOTHING],
    ['Servers', count(redis.servers)],
    ['Up for', duration(uptimeSeconds === undefined ? undefined : uptimeSeconds * 1_000)],
    ['Memory', memoryOf(redis)],
    ['Clients', count(redis.clients)],
    ['Commands/s', count(redis.commandsPerSecond)],
    ['Look-ups that hit', percent(share(hits, hits + misses))],
    ['Keys dropped for memory', count(redis.evictedKeys)],
  ];
}

/** @param {RedisFigures} redis */
function memoryOf({ memoryBytes, maxMemoryBytes }) {
  const limit = maxMemoryBytes ? ` of ${bytes(maxMemoryBytes)}` : '';
  return `${bytes(memoryBytes)}${limit}`;
}
