import { ValueCodec, type ClassRef } from '../codec/value-codec.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import type { CachePolicy, CacheScope, NearPolicy, PersistPolicy } from './cache-policy.js';
import { DEFAULTS } from './defaults.js';
import { durationMs, positiveMs, type Duration } from './duration.js';
import { flag, fraction, knownFields, wholeNumber } from './option-checks.js';

/** A policy with every field decided, in milliseconds and bytes. */
export interface ResolvedPolicy {
  readonly ttlMs: number;
  readonly graceMs: number;
  readonly refreshAhead: number;
  readonly jitter: number;
  readonly scope: CacheScope;
  readonly version: number;
  readonly near: { readonly ttlMs: number; readonly share: boolean } | false;
  readonly softTimeoutMs: number;
  readonly loadTimeoutMs: number;
  readonly waitTimeoutMs: number;
  readonly maxBytes: number;
  readonly compressFromBytes: number | false;
  /** `ttlMs` is undefined where it is that of the entry. */
  readonly persist: { readonly ttlMs: number | undefined } | false;
  readonly codec: ValueCodec;
}

/** Where a part of a policy was stated, for errors, e.g. `caches['lead.byPhone']`. */
export interface StatedPolicy {
  readonly place: string;
  readonly policy: CachePolicy;
}

/** The names of all fields that a policy may have. */
export const POLICY_FIELDS: readonly string[] = [
  ...Object.keys(DEFAULTS.policy),
  'codec',
  'type',
  'rollout',
];

/**
 * Merges policies, the most specific first, over the defaults, and validates the outcome.
 *
 * @param nearTtl what `near.ttl` is where no policy says it
 * @throws {InvalidCacheOptionsError} naming the place and field at fault
 */
export function resolvePolicy(
  stated: readonly StatedPolicy[],
  nearTtl: Duration | false,
): ResolvedPolicy {
  const fallback: StatedPolicy = { place: 'defaults', policy: DEFAULTS.policy };
  for (const { place, policy } of stated) knownFields(policy, place, POLICY_FIELDS);
  const pick = <K extends keyof CachePolicy>(field: K): Picked<CachePolicy[K]> => {
    const { place, policy } = stated.find((s) => s.policy[field] !== undefined) ?? fallback;
    return { option: `${place}.${field}`, value: policy[field] as NonNullable<CachePolicy[K]> };
  };
  const duration = (field: DurationField): number => {
    const { option, value } = pick(field);
    return durationMs(value, option);
  };
  return {
    ttlMs: duration('ttl'),
    graceMs: duration('grace'),
    softTimeoutMs: duration('softTimeout'),
    loadTimeoutMs: loadTimeoutOf(pick('loadTimeout')),
    waitTimeoutMs: duration('waitTimeout'),
    refreshAhead: fraction(pick('refreshAhead').value, pick('refreshAhead').option),
    jitter: fraction(pick('jitter').value, pick('jitter').option),
    scope: scopeOf(pick('scope')),
    version: wholeNumber(pick('version').value, pick('version').option, 0),
    maxBytes: wholeNumber(pick('maxBytes').value, pick('maxBytes').option, 1),
    compressFromBytes: compressFromOf(pick('compressFromBytes')),
    persist: persistOf(pick('persist')),
    near: nearOf(stated, nearTtl),
    codec: codecOf(pick('codec'), pick('type')),
  };
}

interface Picked<V> {
  readonly option: string;
  readonly value: NonNullable<V>;
}

type DurationField = 'ttl' | 'grace' | 'softTimeout' | 'waitTimeout';

function loadTimeoutOf({ option, value }: Picked<CachePolicy['loadTimeout']>): number {
  const remedy = 'A load that has no time is never stored: use ttl: 0 to store nothing.';
  return positiveMs(value, option, remedy);
}

function scopeOf({ option, value }: Picked<CachePolicy['scope']>): CacheScope {
  const known: readonly string[] = ['tenant', 'global'];
  if (known.includes(value)) return value;
  throw new InvalidCacheOptionsError(
    option,
    value,
    `'tenant' or 'global'`,
    `Use 'global' only for entries that belong to no tenant.`,
  );
}

function compressFromOf({
  option,
  value,
}: Picked<CachePolicy['compressFromBytes']>): number | false {
  return value === false ? false : wholeNumber(value, option, 0);
}

function persistOf({ option, value }: Picked<CachePolicy['persist']>): ResolvedPolicy['persist'] {
  if (typeof value === 'boolean') return value ? { ttlMs: undefined } : false;
  knownFields(value, option, ['ttl']);
  const { ttl }: PersistPolicy = value;
  const remedy = 'Use persist: false to keep nothing in the persistent store.';
  return { ttlMs: ttl === undefined ? undefined : positiveMs(ttl, `${option}.ttl`, remedy) };
}

function codecOf(
  codec: Picked<CachePolicy['codec']>,
  type: Picked<CachePolicy['type']>,
): ValueCodec {
  const options = { codec: codec.option, classes: type.option };
  return new ValueCodec({ codec: codec.value, classes: classesOf(type), options });
}

function classesOf({ option, value }: Picked<CachePolicy['type']>): readonly ClassRef[] {
  if ((value as unknown) === undefined) return [];
  const classes = typeof value === 'function' ? value() : undefined;
  const list = (Array.isArray(classes) ? classes : [classes]) as readonly unknown[];
  if (list.every((item) => typeof item === 'function')) return list as readonly ClassRef[];
  throw new InvalidCacheOptionsError(
    option,
    value,
    'a function that returns a class or an array of classes',
    `Write for instance type: () => Lead.`,
  );
}

/** Near settings merge field by field, so that a cache may add `share` and keep the module's ttl. */
function nearOf(
  stated: readonly StatedPolicy[],
  nearTtl: Duration | false,
): ResolvedPolicy['near'] {
  const said = stated.filter((s) => s.policy.near !== undefined);
  if (nearTtl === false || said[0]?.policy.near === false) return false;
  const parts = said.map(({ place, policy }) => ({
    place: `${place}.near`,
    near: (typeof policy.near === 'boolean' ? {} : policy.near) as NearPolicy,
  }));
  for (const { place, near } of parts) knownFields(near, place, ['ttl', 'share']);
  const ttl = parts.find(({ near }) => near.ttl !== undefined);
  const share = parts.find(({ near }) => near.share !== undefined);
  return {
    ttlMs: durationMs(ttl?.near.ttl ?? nearTtl, ttl ? `${ttl.place}.ttl` : 'near.ttl'),
    share: flag(share?.near.share ?? false, share ? `${share.place}.share` : 'near.share'),
  };
}
