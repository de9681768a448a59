import type { InfoReply } from '../connection/info-reply.js';
import { bytes, count, percent } from './figures.js';
import { foundBy, type Check, type Finding } from './finding.js';

const found = foundBy('memory');
/** Of a server that drops nothing: close to where it refuses writes. */
const NEARLY_FULL = 0.9;

/** What happens when memory runs out. */
export const checkMemory: Check = ({ servers }) => servers.flatMap(memoryOf);

function memoryOf(info: InfoReply): Finding[] {
  const [used, limit] = [Number(info.get('used_memory')), Number(info.get('maxmemory'))];
  const policy = info.get('maxmemory_policy');
  if (policy === undefined || !(limit >= 0))
    return [found('info', 'the server does not tell its limit')];
  if (limit === 0) {
    return [
      found(
        'warning',
        `${bytes(used)} used, and no limit: the system ends Redis when the machine is full`,
        'Set maxmemory below what the machine has, and maxmemory-policy to allkeys-lru or volatile-lru.',
      ),
    ];
  }
  const usage = `${bytes(used)} of ${bytes(limit)} used (${percent(used / limit)}), policy ${policy}`;
  if (policy === 'noeviction') {
    const full = used >= NEARLY_FULL * limit;
    return [
      found(
        full ? 'error' : 'warning',
        `${usage}: a full server refuses to store, and to evict by tag, cache or tenant`,
        'Set maxmemory-policy to allkeys-lru or volatile-lru; where queues share the server, give the cache one of its own.',
      ),
    ];
  }
  return [found('ok', usage), ...dropped(info)];
}

function dropped(info: InfoReply): Finding[] {
  const keys = Number(info.get('evicted_keys') ?? 0);
  if (!(keys > 0)) return [];
  return [
    found(
      'info',
      `${count(keys)} keys dropped for want of memory since its start`,
      'Each was a miss, and no more. More memory, or shorter ttls, if they are many.',
    ),
  ];
}
