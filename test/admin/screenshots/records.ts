import type {
  AdminCache,
  AdminEvent,
  SlowLoad,
} from '../../../libs/redis-cache/src/admin/admin.contract.js';
import { CACHES, MINUTE, NOW_MS, TENANTS, type Cache, type Outage, type Random } from './cast.js';

// What the server has written down in the night of the pictures.

export function policyOf({ name, scope, ttlMs }: Cache): AdminCache {
  return {
    name,
    scope,
    version: 1,
    ttlMs,
    graceMs: 0,
    refreshAhead: 0.8,
    jitter: 0.1,
    near: { ttlMs: 30_000, share: false },
    softTimeoutMs: 0,
    loadTimeoutMs: 30_000,
    waitTimeoutMs: 5_000,
    maxBytes: 1_048_576,
    compressFromBytes: false,
  };
}

export function loads(random: Random): SlowLoad[] {
  return [1_840, 1_310, 962, 874, 655, 540, 512, 498].map((durationMs, at) => {
    const { name, scope } = CACHES[(at * 5 + 4) % CACHES.length] as Cache;
    const tenant = scope === 'global' ? null : String(TENANTS[at % TENANTS.length]);
    const key = `+1555${String(Math.floor(random() * 9_000_000) + 1_000_000)}`;
    const atMs = NOW_MS - Math.floor(random() * 14 * MINUTE);
    return { atMs, durationMs, failed: at === 1, tenant, cache: name, key };
  });
}

/** The oldest first. */
export function events({ fromMs, toMs }: Outage): AdminEvent[] {
  const lead = { tenant: 'acme', cache: 'lead.byPhone' };
  const all: Omit<AdminEvent, 'id'>[] = [
    event(NOW_MS - 9 * MINUTE, 'info', 'evict', 'An entry was evicted', {
      ...lead,
      key: '+15557204418',
    }),
    event(
      fromMs,
      'error',
      'state',
      'The connection went from ready to suspended: the server closed the connection',
    ),
    event(
      fromMs + 9_000,
      'warning',
      'evict',
      'An entry was evicted in this process; Redis has not confirmed it, and it will be replayed',
      { ...lead, key: '+15552910077' },
    ),
    event(NOW_MS - 21_000, 'warning', 'loadError', 'A load failed with TimeoutError', {
      tenant: 'hooli',
      cache: 'lead.search',
      key: '~eu~2',
    }),
  ];
  if (toMs <= NOW_MS) {
    all.push(
      event(toMs - 300, 'info', 'state', 'The connection went from suspended to recovering'),
      event(toMs, 'info', 'state', 'The connection went from recovering to ready'),
      event(NOW_MS - 3 * MINUTE, 'info', 'invalidate', 'Evicted by tag', { tenant: 'globex' }),
      event(
        NOW_MS - 8_000,
        'info',
        'remoteInvalidation',
        'Another process evicted or replaced: entry',
        { ...lead, key: '+15550142210' },
      ),
    );
  }
  return all
    .sort((a, b) => a.atMs - b.atMs)
    .map((each, at) => ({ id: each.atMs * 1_000 + at, ...each }));
}

function event(
  atMs: number,
  severity: AdminEvent['severity'],
  type: AdminEvent['type'],
  summary: string,
  about: Pick<AdminEvent, 'tenant' | 'cache' | 'key'> = {},
): Omit<AdminEvent, 'id'> {
  return { atMs, type, severity, summary, ...about };
}
