import type { CacheScope } from './cache-policy.js';
import type { Duration } from './duration.js';

/** Every default of the library. The README's tables are tested against it. */
export const DEFAULTS = {
  far: true as boolean,
  prefix: 'cache',
  policy: {
    ttl: '5m' as Duration,
    grace: 0 as Duration,
    refreshAhead: 0,
    jitter: 0,
    scope: 'tenant' as CacheScope,
    version: 1,
    near: true,
    softTimeout: 0 as Duration,
    loadTimeout: '30s' as Duration,
    waitTimeout: '10s' as Duration,
    maxBytes: 1_048_576,
    compressFromBytes: false as number | false,
    persist: false as boolean,
    enabled: true as boolean,
  },
  near: {
    maxBytes: 67_108_864,
    maxEntries: 50_000,
    tenantShare: 0.5,
    ttl: '5s' as Duration,
    degradedTtl: '2s' as Duration,
  },
  timeouts: {
    command: '100ms' as Duration,
    lease: '3s' as Duration,
    close: '2s' as Duration,
  },
  coherence: 'bus',
  bus: {
    heartbeat: '1s' as Duration,
    silence: '500ms' as Duration,
    sharded: true as boolean,
    maxEntryBytes: 1_024,
  },
  journal: {
    keep: '60s' as Duration,
    maxItems: 10_000,
  },
  persistence: {
    timeout: '250ms' as Duration,
    failures: 3,
  },
  breaker: {
    failures: 1,
    probeInterval: '50ms' as Duration,
    maxProbeInterval: '1s' as Duration,
  },
  warm: 'background',
  warming: {
    concurrency: 4,
    lease: '10s' as Duration,
    fresh: '1m' as Duration,
    timeout: '30s' as Duration,
  },
} as const;

/** Those of `alerts`, which has a page of its own. */
export const ALERT_DEFAULTS = {
  interval: '5s' as Duration,
  window: '1m',
  minSample: 100,
  hitRate: { below: 0.5 },
  latency: { above: '100ms' as Duration },
  errors: { above: 0.05 },
  disconnected: { after: '30s' as Duration, clear: '10s' as Duration },
  webhook: {
    timeout: '5s' as Duration,
    attempts: 5,
    retry: '1s' as Duration,
    maxQueued: 100,
  },
} as const;
