import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { FULLY_ON, type RolloutMode, type RolloutState } from '../rollout/rollout-state.js';
import { flag, knownFields } from './option-checks.js';

/** For whom a cache is used. */
export interface RolloutPolicy {
  /**
   * `'off'`: for nobody; calls are answered as if the method were not decorated, and evictions go on.
   * `'shadow'`: for nobody, while it is counted how many loads it would have spared. `'on'`: for those
   * whom `percent` and `tenants` take in, and off for all others.
   * @default 'on'
   */
  mode?: RolloutMode;
  /**
   * How many of all tenants, from 0 to 100, to two decimals. Always the same come first. Counts in mode
   * `'on'` alone; of a cache with the scope `'global'` 0 or 100.
   * @default 100; 0 where `tenants` are named
   */
  percent?: number;
  /** Tenants that are taken in whatever `percent` says; 500 at most. Count in mode `'on'` alone. @default [] */
  tenants?: readonly string[];
}

/** What a policy says of the rollout, and where. */
export interface StatedRollout {
  readonly place: string;
  readonly policy: { readonly enabled?: boolean; readonly rollout?: RolloutPolicy };
}

const MODES: readonly unknown[] = ['off', 'shadow', 'on'] satisfies RolloutMode[];

const MAX_TENANTS = 500;
const MAX_TENANT_LENGTH = 256;

/**
 * The state that the most specific place says which says anything: `enabled: false` before its `rollout`.
 *
 * @throws {InvalidCacheOptionsError} naming the place and field at fault, in whichever place
 */
export function resolveRollout(stated: readonly StatedRollout[], isGlobal = false): RolloutState {
  const states = stated.flatMap(({ place, policy: { enabled, rollout } }) => {
    const state = rollout && readRollout(rollout, `${place}.rollout`);
    const isOn = enabled === undefined ? undefined : flag(enabled, `${place}.enabled`);
    if (isOn === false) return [{ place, state: OFF }];
    return state || isOn ? [{ place, state: state ?? FULLY_ON }] : [];
  });
  const [first] = states;
  if (!first) return FULLY_ON;
  if (isGlobal) assertFitsGlobal(first.state, `${first.place}.rollout`);
  return first.state;
}

/**
 * Reads what somebody says of a rollout.
 *
 * @throws {InvalidCacheOptionsError} naming the field at fault
 */
export function readRollout(said: RolloutPolicy, option: string): RolloutState {
  knownFields(said, option, ['mode', 'percent', 'tenants']);
  const mode = modeOf(said.mode ?? 'on', `${option}.mode`);
  const tenants = tenantsOf(said.tenants ?? [], `${option}.tenants`);
  const percent = percentOf(said.percent ?? (tenants.length > 0 ? 0 : 100), `${option}.percent`);
  return mode === 'on' ? { mode, percent, tenants } : { mode };
}

/** @throws {InvalidCacheOptionsError} it takes in a part of the tenants, of a cache that has none */
export function assertFitsGlobal(state: RolloutState, option: string): void {
  if (state.mode !== 'on') return;
  const isPart = state.percent !== 0 && state.percent !== 100;
  if (!isPart && state.tenants.length === 0) return;
  throw new InvalidCacheOptionsError(
    isPart ? `${option}.percent` : `${option}.tenants`,
    isPart ? state.percent : state.tenants,
    isPart ? `0 or 100` : `none`,
    `The cache has the scope 'global': its entries belong to no tenant, and are for all or for none.`,
  );
}

const OFF: RolloutState = { mode: 'off' };

function modeOf(value: unknown, option: string): RolloutMode {
  if (MODES.includes(value)) return value as RolloutMode;
  throw new InvalidCacheOptionsError(
    option,
    value,
    `'off', 'shadow' or 'on'`,
    `Use 'off' to do without the cache, 'shadow' to see what it would be good for.`,
  );
}

function percentOf(value: unknown, option: string): number {
  const isNumber = typeof value === 'number' && value >= 0 && value <= 100;
  if (isNumber && Math.abs(value * 100 - Math.round(value * 100)) < 1e-6) return value;
  throw new InvalidCacheOptionsError(
    option,
    value,
    'a number from 0 to 100, with two decimals at most',
    `It is a percentage: 12.5 means one tenant of eight.`,
  );
}

function tenantsOf(value: unknown, option: string): readonly string[] {
  if (Array.isArray(value) && value.length <= MAX_TENANTS && value.every(isTenant)) {
    return [...new Set(value)];
  }
  throw new InvalidCacheOptionsError(
    option,
    value,
    `a list of at most ${MAX_TENANTS} tenants of 1 to ${MAX_TENANT_LENGTH} characters`,
    `Name those that come first, and take in the others by percent.`,
  );
}

function isTenant(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TENANT_LENGTH;
}
