import { resolveAlerts, type ResolvedAlerts } from './alerts/resolve-alerts.js';
import {
  assertConnectionOptions,
  type RedisConnectionOptions,
} from './connection/connection-options.js';
import { InvalidCacheOptionsError } from './errors/invalid-options.error.js';
import { assertPrefix } from './keys/key-space.js';
import type { CacheTracing } from './cache/cache-tracing.js';
import type { CachePolicy } from './config/cache-policy.js';
import { DEFAULTS } from './config/defaults.js';
import { durationMs, positiveMs, type Duration } from './config/duration.js';
import { flag, fraction, knownFields, wholeNumber } from './config/option-checks.js';
import { group } from './config/option-group.js';
import type {
  BreakerOptions,
  CoherenceMode,
  NearTierOptions,
  RedisCacheModuleOptions,
  TransactionOptions,
} from './redis-cache.options.js';
import type { JournalBounds } from './invalidation/journal.js';
import type { NearBounds } from './stores/near-tier.js';
import { resolvePolicy } from './config/resolve-policy.js';
import { resolveRollout } from './config/rollout-policy.js';
import { resolveWarming } from './resolve-warming.js';
import type { ResolvedWarming } from './warming/cache-warming.service.js';
import { resolvePersistence, type ResolvedPersistence } from './resolve-persistence.js';

/** The module's options with every default filled in, in milliseconds and bytes. */
export interface ResolvedOptions {
  readonly connection: RedisConnectionOptions;
  /** Whether entries are kept in Redis. */
  readonly far: boolean;
  readonly prefix: string;
  readonly defaults: CachePolicy;
  readonly caches: Readonly<Record<string, CachePolicy>>;
  readonly resolveTenant: (() => string | undefined) | undefined;
  readonly currentTransaction: TransactionOptions['current'] | undefined;
  readonly near: NearBounds | false;
  /** How long an entry loaded while Redis is away is served from the near tier. */
  readonly degradedTtlMs: number;
  /** Default of `near.ttl` of every cache, `false` where the near tier is off. */
  readonly nearTtl: Duration | false;
  readonly commandTimeoutMs: number;
  readonly leaseMs: number;
  readonly closeTimeoutMs: number;
  readonly failureThreshold: number;
  readonly probeIntervalMs: number;
  readonly maxProbeIntervalMs: number;
  readonly coherence: CoherenceMode;
  readonly heartbeatMs: number;
  readonly silenceMs: number;
  /** Whether messages go out by sharded pub/sub, in a cluster that has it. */
  readonly sharded: boolean;
  /** The largest entry that is told along with its name. */
  readonly maxToldBytes: number;
  readonly journal: JournalBounds;
  readonly warming: ResolvedWarming;
  readonly alerts: ResolvedAlerts | undefined;
  readonly persistence: ResolvedPersistence | undefined;
  readonly tracing: CacheTracing | undefined;
}

const FIELDS = [
  'connection',
  'far',
  'prefix',
  'defaults',
  'caches',
  'tenant',
  'transaction',
  'near',
  'timeouts',
  'breaker',
  'coherence',
  'bus',
  'journal',
  'warm',
  'warming',
  'alerts',
  'persistence',
  'tracing',
] satisfies (keyof RedisCacheModuleOptions)[];

/** Fields that belong into another place, and what to write instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  ...remedies(
    ['url', 'host', 'sentinels', 'cluster'],
    (field) => `Write connection: { ${field}: … }.`,
  ),
  ...remedies(
    Object.keys(DEFAULTS.policy),
    (field) => `Write defaults: { ${field}: … }, or caches: { name: { ${field}: … } }.`,
  ),
  isGlobal: 'Write it beside useFactory, useClass or useExisting.',
};

function remedies(
  fields: readonly string[],
  remedy: (field: string) => string,
): Record<string, string> {
  return Object.fromEntries(fields.map((field) => [field, remedy(field)]));
}

/**
 * Fills in the defaults and validates, so that a slip stops the boot instead of the first call.
 *
 * @throws {InvalidCacheOptionsError} naming option, received value, expectation and remedy
 */
export function resolveOptions(options: RedisCacheModuleOptions): ResolvedOptions {
  assertGiven(options);
  knownFields(options, 'options', FIELDS, ELSEWHERE);
  const saidOfTimeouts = group(options.timeouts, 'timeouts');
  const timeouts = { ...DEFAULTS.timeouts, ...saidOfTimeouts };
  const breaker = { ...DEFAULTS.breaker, ...group(options.breaker, 'breaker') };
  const bus = { ...DEFAULTS.bus, ...group(options.bus, 'bus') };
  const journal = { ...DEFAULTS.journal, ...group(options.journal, 'journal') };
  const near =
    options.near === false ? false : { ...DEFAULTS.near, ...group(options.near, 'near') };
  const prefix = options.prefix ?? DEFAULTS.prefix;
  assertPrefix(prefix);
  const connection: unknown = options.connection ?? false;
  assertConnectionOptions(connection);
  const commandTimeoutMs = positiveMs(timeouts.command, 'timeouts.command');
  const closeTimeoutMs = positiveMs(timeouts.close, 'timeouts.close');
  const resolved: Omit<ResolvedOptions, 'persistence'> = {
    connection,
    far: flag(options.far ?? DEFAULTS.far, 'far'),
    prefix,
    defaults: options.defaults ?? {},
    caches: options.caches ?? {},
    resolveTenant: tenantResolver(options.tenant),
    currentTransaction: currentTransaction(options.transaction),
    near: near && boundsOf(near),
    nearTtl: near && durationMs(near.ttl, 'near.ttl'),
    degradedTtlMs: near ? durationMs(near.degradedTtl, 'near.degradedTtl') : 0,
    commandTimeoutMs,
    leaseMs: leaseMsOf(timeouts.lease, saidOfTimeouts.lease === undefined ? 0 : commandTimeoutMs),
    closeTimeoutMs,
    failureThreshold: wholeNumber(breaker.failures, 'breaker.failures', 1),
    ...probePauses(breaker),
    coherence: coherenceOf(options.coherence ?? DEFAULTS.coherence),
    heartbeatMs: positiveMs(bus.heartbeat, 'bus.heartbeat'),
    silenceMs: positiveMs(bus.silence, 'bus.silence'),
    sharded: flag(bus.sharded, 'bus.sharded'),
    maxToldBytes: wholeNumber(bus.maxEntryBytes, 'bus.maxEntryBytes', 0),
    journal: {
      keepMs: durationMs(journal.keep, 'journal.keep'),
      maxItems: wholeNumber(journal.maxItems, 'journal.maxItems', 1),
    },
    warming: resolveWarming(options, closeTimeoutMs),
    alerts: resolveAlerts(options.alerts),
    tracing: tracingOf(options.tracing),
  };
  validatePolicies(resolved);
  return { ...resolved, persistence: resolvePersistence(options) };
}

/** There are none where the module was imported as it stands. */
function assertGiven(options: RedisCacheModuleOptions | undefined): void {
  if (options !== undefined) return;
  throw new InvalidCacheOptionsError(
    'options',
    options,
    'an object',
    'Import RedisCacheModule.forRoot({ … }) or forRootAsync once, at the root, and return the options ' +
      'from its factory. Other modules need no import, as it is global.',
  );
}

function validatePolicies({
  defaults,
  caches,
  nearTtl,
}: Pick<ResolvedOptions, 'defaults' | 'caches' | 'nearTtl'>): void {
  const fallback = { place: 'defaults', policy: defaults };
  resolveRollout([fallback], resolvePolicy([fallback], nearTtl).scope === 'global');
  knownFields(caches, 'caches', Object.keys(caches));
  for (const [cache, policy] of Object.entries(caches)) {
    const stated = [{ place: `caches['${cache}']`, policy }, fallback];
    const { scope } = resolvePolicy(stated, nearTtl);
    // What is said for all caches may not fit one of them, which is its matter then.
    resolveRollout(stated, policy.rollout !== undefined && scope === 'global');
  }
}

function boundsOf(near: Required<NearTierOptions>): NearBounds {
  const tenantShare = fraction(near.tenantShare, 'near.tenantShare');
  if (tenantShare === 0) {
    throw new InvalidCacheOptionsError(
      'near.tenantShare',
      0,
      'a number above 0 up to 1',
      `Use near: false to switch the near tier off.`,
    );
  }
  return {
    maxBytes: wholeNumber(near.maxBytes, 'near.maxBytes', 1),
    maxEntries: wholeNumber(near.maxEntries, 'near.maxEntries', 1),
    tenantShare,
  };
}

/** @param leastMs where it is said; the default stays as it is, however long a command may take */
function leaseMsOf(lease: Duration, leastMs: number): number {
  const leaseMs = positiveMs(lease, 'timeouts.lease');
  if (leaseMs >= leastMs) return leaseMs;
  throw new InvalidCacheOptionsError(
    'timeouts.lease',
    lease,
    `no less than timeouts.command, ${leastMs} ms`,
    'Raise timeouts.lease, to several times as long: a value that Redis is given after the end of its ' +
      'lease is not stored. A number is milliseconds.',
  );
}

function probePauses({
  probeInterval,
  maxProbeInterval,
}: Required<BreakerOptions>): Pick<ResolvedOptions, 'probeIntervalMs' | 'maxProbeIntervalMs'> {
  const probeIntervalMs = positiveMs(probeInterval, 'breaker.probeInterval');
  const maxProbeIntervalMs = positiveMs(maxProbeInterval, 'breaker.maxProbeInterval');
  if (probeIntervalMs <= maxProbeIntervalMs) return { probeIntervalMs, maxProbeIntervalMs };
  throw new InvalidCacheOptionsError(
    'breaker.probeInterval',
    probeInterval,
    `no more than breaker.maxProbeInterval, ${maxProbeIntervalMs} ms`,
    `Raise breaker.maxProbeInterval, or lower breaker.probeInterval.`,
  );
}

const COHERENCE: readonly string[] = ['bus', 'tracking', 'ttl'] satisfies CoherenceMode[];

function coherenceOf(value: string): CoherenceMode {
  if (COHERENCE.includes(value)) return value as CoherenceMode;
  throw new InvalidCacheOptionsError(
    'coherence',
    value,
    `'bus', 'tracking' or 'ttl'`,
    `Keep 'bus' unless others change keys in Redis, or the server has no pub/sub.`,
  );
}

function tenantResolver(
  tenant: RedisCacheModuleOptions['tenant'],
): ResolvedOptions['resolveTenant'] {
  if (tenant === undefined) return undefined;
  knownFields(tenant, 'tenant', ['resolve']);
  if (tenant.resolve !== undefined && typeof tenant.resolve !== 'function') {
    throw new InvalidCacheOptionsError(
      'tenant.resolve',
      tenant.resolve,
      'a function that returns the tenant id or undefined',
      `Write for instance resolve: () => cls.get('tenantId').`,
    );
  }
  return tenant.resolve;
}

function currentTransaction(
  transaction: RedisCacheModuleOptions['transaction'],
): ResolvedOptions['currentTransaction'] {
  if (transaction === undefined) return undefined;
  knownFields(transaction, 'transaction', ['current']);
  if (typeof (transaction.current as unknown) !== 'function') {
    throw new InvalidCacheOptionsError(
      'transaction.current',
      transaction.current,
      'a function that returns the transaction under way or undefined',
      `Write for instance current: () => storage.getStore(), with an AsyncLocalStorage that holds it.`,
    );
  }
  return transaction.current;
}

function tracingOf(tracing: unknown): CacheTracing | undefined {
  if (tracing === undefined) return undefined;
  const given = (tracing ?? {}) as Partial<Record<keyof CacheTracing, unknown>>;
  const methods = ['far', 'load', 'carry'] as const satisfies (keyof CacheTracing)[];
  if (methods.every((name) => typeof given[name] === 'function')) return tracing as CacheTracing;
  throw new InvalidCacheOptionsError(
    'tracing',
    tracing,
    'an object with the methods far, load and carry',
    `Write for instance tracing: openTelemetry(), of nestjs-redis-cache/opentelemetry.`,
  );
}
