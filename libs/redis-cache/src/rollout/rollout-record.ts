import { grows, isSameState, type RolloutState } from './rollout-state.js';

/**
 * What stands for the time since somebody last left the cache: 16 hexadecimal digits of chance. What was
 * stored under another one is never served.
 */
export type RolloutEpoch = string;

/** The epoch of a cache whose rollout nobody has changed yet. */
export const FIRST_EPOCH: RolloutEpoch = '0000000000000000';

/** What all processes are to know of the rollout of one cache. */
export interface RolloutRecord {
  /** Grows by one with every change. */
  readonly version: number;
  readonly epoch: RolloutEpoch;
  /** Null for that of the options of each process. */
  readonly state: RolloutState | null;
  /** That of the options, as a process found them last when it started. */
  readonly configured: RolloutState;
}

/** Which of two goes if they are of the same version: that which serves less. */
const CAUTION: Readonly<Record<RolloutState['mode'] | 'configured', number>> = {
  configured: 0,
  on: 1,
  shadow: 2,
  off: 3,
};

/**
 * The later of two records, whichever order they are given in. Of two with one version, which were made
 * by processes that could not hear each other, it is the one that serves less.
 */
export function later(a: RolloutRecord, b: RolloutRecord): RolloutRecord {
  if (a.version !== b.version) return a.version > b.version ? a : b;
  const [ofA, ofB] = [a, b].map(({ state }) => CAUTION[state?.mode ?? 'configured']) as [
    number,
    number,
  ];
  if (ofA !== ofB) return ofA > ofB ? a : b;
  return rankOf(a) >= rankOf(b) ? a : b;
}

/**
 * Whether somebody leaves from the one record to the other though the epoch stays: then two processes
 * have made changes that did not know of each other, and what was stored must not come back.
 */
export function leavesUnnoticed(from: RolloutRecord, to: RolloutRecord): boolean {
  if (from.epoch !== to.epoch || !from.state || !to.state) return false;
  return !grows(from.state, to.state);
}

/**
 * The record after a change. The epoch stays only if nobody can have left by it: if the state before is
 * known, here and in Redis, to be the same for everybody, and all whom it served are served.
 *
 * @param inRedis whether `before` is what Redis has
 */
export function changed(
  before: RolloutRecord | undefined,
  to: { readonly state: RolloutState | null; readonly configured: RolloutState },
  { inRedis, newEpoch }: { inRedis: boolean; newEpoch: () => RolloutEpoch },
): RolloutRecord {
  const keeps = inRedis && before?.state && to.state && grows(before.state, to.state);
  return {
    version: (before?.version ?? 0) + 1,
    epoch: keeps ? before.epoch : newEpoch(),
    state: to.state,
    configured: before?.configured ?? to.configured,
  };
}

/**
 * The record after a process has started with options that say something else than those that were noted
 * last; undefined if they do not. Whatever was stored by then is not served any more, as nobody can say
 * for how long other options held.
 */
export function noted(
  before: RolloutRecord | undefined,
  configured: RolloutState,
  usual: RolloutState,
  newEpoch: () => RolloutEpoch,
): RolloutRecord | undefined {
  if (isSameState(before?.configured ?? usual, configured)) return undefined;
  const state = before?.state ?? null;
  return {
    version: (before?.version ?? 0) + 1,
    epoch: before && state ? before.epoch : newEpoch(),
    state,
    configured,
  };
}

/** The id of a stamp as entries of an epoch hold it, so that they fit no other epoch. */
export function withinEpoch(stampId: string, epoch: RolloutEpoch): string {
  if (epoch === FIRST_EPOCH) return stampId;
  const mixed = BigInt(`0x${stampId}`) ^ BigInt(`0x${epoch}`);
  return mixed.toString(16).padStart(FIRST_EPOCH.length, '0');
}

function rankOf({ epoch, state, configured }: RolloutRecord): string {
  return JSON.stringify([state, epoch, configured]);
}
