import { textOf } from '../alerts/alert-text.js';
import type { CacheEvents } from '../cache/cache-events.js';
import type { EntryRef } from '../cache/entry-ref.js';
import type { ConnectionState } from '../connection/connection-state.js';
import { failureReason } from '../connection/failure-kind.js';
import type { KeySpace } from '../keys/key-space.js';
import type { RolloutState } from '../rollout/rollout-state.js';
import type { AdminEvent } from './admin.contract.js';
import type { ToldEvent } from './event-log.js';

type Told = Omit<ToldEvent, 'type'>;

type Tell = {
  readonly [E in AdminEvent['type']]: (payload: CacheEvents[E], keys: KeySpace) => Told | undefined;
};

/** Every event in words; undefined where it is one of too many. What an error of the application says is left out: it may hold users' data. */
export const TELL: Tell = {
  loadError: ({ entry, error }) => about(entry, 'warning', `A load failed with ${kindOf(error)}`),
  stale: ({ entry, reason }) =>
    about(entry, 'info', `An older value was served: its refresh is ${STALE[reason]}`),
  fillRefused: ({ entry }) =>
    about(entry, 'info', 'A loaded value was not stored: an eviction or another write came first'),
  evict: ({ entry, acknowledged }) =>
    about(entry, ...outcome(acknowledged, 'An entry was evicted')),
  invalidate: ({ level, tenant, key, acknowledged }, keys) => {
    const [severity, summary] = outcome(acknowledged, `Evicted by ${level}`);
    // Of everything the tenant is null as well, and no tenant is meant.
    return level === 'all'
      ? { severity, summary }
      : { severity, summary, ...named(key, keys, tenant) };
  },
  purgeProgress: ({ tenant, deleted }) => ({
    severity: 'info',
    tenant,
    summary: `A purge has deleted ${deleted} keys so far`,
  }),
  warming: ({ warmer, state, done, failed }) => {
    // That it comes further is told ten times a second.
    if (state === 'running' && done + failed > 0) return undefined;
    const isWrong = state === 'failed' || failed > 0;
    return {
      severity: isWrong ? 'warning' : 'info',
      summary: `Warmer ${warmer}: ${state}, ${done} steps done, ${failed} failed`,
    };
  },
  remoteInvalidation: ({ kind, key }, keys) => ({
    severity: 'info',
    summary: `Another process evicted or replaced: ${kind}`,
    ...named(key, keys),
  }),
  trackedChange: ({ kind, key }, keys) => ({
    severity: 'info',
    summary: `Changed in Redis: ${kind}`,
    ...named(key, keys),
  }),
  malformedMessage: ({ text }) => ({
    severity: 'warning',
    summary: `A message of ${text.length} characters on the bus is none of this version`,
  }),
  uncacheable: ({ entry, reason }) => about(entry, 'warning', `A value was not stored: ${reason}`),
  undecodable: ({ entry, reason }) =>
    about(entry, 'warning', `Stored bytes were not an entry: ${reason}`),
  policyError: ({ cache, error }) => ({
    severity: 'error',
    cache,
    summary: `A function of the options failed: ${kindOf(error)}`,
  }),
  transactionError: ({ error }) => ({
    severity: 'error',
    summary: `A transaction could not be waited for: ${kindOf(error)}`,
  }),
  farError: ({ operation, error }) => ({
    severity: 'warning',
    summary: `Redis failed or refused ${operation}: ${failureReason(error)}`,
  }),
  persistenceError: ({ operation, error }) => ({
    severity: 'warning',
    summary: `The persistent store failed or was late: ${operation}, ${kindOf(error)}`,
  }),
  persistence: ({ available }) => ({
    severity: available ? 'info' : 'error',
    summary: available ? 'The persistent store can be used' : 'The persistent store is away',
  }),
  backgroundError: ({ task, error }) => ({
    severity: 'warning',
    summary: `Work in the background failed: ${task}, ${kindOf(error)}`,
  }),
  alert: (change) => ({
    severity: change.state === 'raised' ? 'error' : 'info',
    ...(change.cache !== undefined && { cache: change.cache }),
    summary: textOf(change),
  }),
  rollout: ({ cache, from, to, version, by }) => ({
    severity: 'info',
    cache,
    summary: `Rollout ${rolloutText(from)} → ${rolloutText(to)}, version ${version}, by ${BY[by]}`,
  }),
  state: ({ from, to }) => ({
    severity: SEVERITY[to.kind],
    summary: `The connection went from ${from.kind} to ${to.kind}${reasonOf(to)}`,
  }),
};

const BY: Readonly<Record<CacheEvents['rollout']['by'], string>> = {
  here: 'this process',
  other: 'another process',
};

/** How many tenants are named, and not which. */
function rolloutText(state: RolloutState): string {
  if (state.mode !== 'on') return state.mode;
  const { percent, tenants } = state;
  return `on for ${percent} %${tenants.length > 0 ? ` and ${tenants.length} tenants by name` : ''}`;
}

const STALE: Readonly<Record<CacheEvents['stale']['reason'], string>> = {
  refreshing: 'under way',
  slow: 'slow',
  failed: 'a failure',
};

const SEVERITY: Readonly<Record<ConnectionState['kind'], AdminEvent['severity']>> = {
  connecting: 'info',
  ready: 'info',
  recovering: 'info',
  suspended: 'error',
  closed: 'info',
};

function about(entry: EntryRef, severity: AdminEvent['severity'], summary: string): Told {
  const { tenant, cache, key } = entry;
  return { severity, tenant, cache, key, summary };
}

function outcome(acknowledged: boolean, what: string): [AdminEvent['severity'], string] {
  return acknowledged
    ? ['info', what]
    : ['warning', `${what} in this process; Redis has not confirmed it, and it will be replayed`];
}

/** Whose a key is, and what it is of, as far as the key says so. */
function named(
  redisKey: string,
  keys: KeySpace,
  tenant?: string | null,
): Pick<Told, 'tenant' | 'cache' | 'key'> {
  const parsed = keys.parse(redisKey);
  const owner = tenant !== undefined || !parsed || !('tenant' in parsed) ? tenant : parsed.tenant;
  return {
    ...(owner !== undefined && { tenant: owner }),
    ...(parsed && 'cache' in parsed && parsed.cache !== undefined && { cache: parsed.cache }),
    ...(parsed?.kind === 'entry' && { key: parsed.key }),
  };
}

function reasonOf(state: ConnectionState): string {
  return state.kind === 'suspended' ? `: ${state.reason}` : '';
}

function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return `a ${typeof error}`;
  const { name } = error;
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  return `${name}${code}`.slice(0, 100);
}
