import { BUCKETS, bucketOf } from './tenant-bucket.js';

/** For whom a cache is used. */
export type RolloutState =
  /** For nobody: reads go to their load, writes and evictions only evict. */
  | { readonly mode: 'off' }
  /** For nobody, while it is counted how many loads it would have spared. */
  | { readonly mode: 'shadow' }
  /** For the tenants named, and for so many percent of all. A global cache: at 100 percent alone. */
  | { readonly mode: 'on'; readonly percent: number; readonly tenants: readonly string[] };

export type RolloutMode = RolloutState['mode'];

/** For everybody. */
export const FULLY_ON: RolloutState = { mode: 'on', percent: 100, tenants: [] };

/** @param tenant null in the global scope */
export function modeFor(state: RolloutState, tenant: string | null): RolloutMode {
  if (state.mode !== 'on' || state.percent === 100) return state.mode;
  if (tenant === null) return 'off';
  return state.tenants.includes(tenant) || isWithin(state.percent, tenant) ? 'on' : 'off';
}

/** Whether everybody for whom `from` uses the cache has it by `to` as well. */
export function grows(from: RolloutState, to: RolloutState): boolean {
  if (from.mode !== 'on') return true;
  if (to.mode !== 'on' || to.percent < from.percent) return false;
  return from.tenants.every((tenant) => modeFor(to, tenant) === 'on');
}

export function isSameState(a: RolloutState | null, b: RolloutState | null): boolean {
  return textOf(a) === textOf(b);
}

function isWithin(percent: number, tenant: string): boolean {
  return bucketOf(tenant) < (percent * BUCKETS) / 100;
}

function textOf(state: RolloutState | null): string {
  if (state?.mode !== 'on') return String(state?.mode);
  return JSON.stringify([state.percent, [...new Set(state.tenants)].sort()]);
}
