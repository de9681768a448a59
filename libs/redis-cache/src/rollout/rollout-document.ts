import type { RolloutRecord } from './rollout-record.js';
import type { RolloutState } from './rollout-state.js';

/** What all processes are to know of whom caches are used for. */
export interface RolloutDocument {
  /** The records of all caches whose rollout was changed, by name. */
  readonly caches: ReadonlyMap<string, RolloutRecord>;
  /**
   * Counts, in turn, that a process has kept entries in its own memory alone, so that others may not
   * know what it evicts; and that what was stored by then has been ended. So it is odd in between.
   */
  readonly partings: number;
}

/** Nobody has said anything. */
export const NO_ROLLOUTS: RolloutDocument = { caches: new Map(), partings: 0 };

const FORMAT = 1;
const EPOCH = /^[0-9a-f]{16}$/;

/** As it stands in Redis; the same text for the same records. */
export function documentText(document: RolloutDocument): string {
  const { partings } = document;
  const caches = [...document.caches].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({
    format: FORMAT,
    caches: Object.fromEntries(caches),
    ...(partings > 0 && { partings }),
  });
}

/**
 * Reads what stands in Redis. What is none, by whoever's hand, is as if nothing were there.
 *
 * @returns undefined for one that a later version of this library wrote, which is to be left alone
 */
export function parseDocument(text: string): RolloutDocument | undefined {
  const parsed = parseJson(text);
  if (!isObject(parsed)) return NO_ROLLOUTS;
  if (typeof parsed.format === 'number' && parsed.format > FORMAT) return undefined;
  const caches = isObject(parsed.caches) ? Object.entries(parsed.caches) : [];
  return {
    caches: new Map(caches.filter((entry): entry is [string, RolloutRecord] => isRecord(entry[1]))),
    partings: isCount(parsed.partings) ? parsed.partings : 0,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is RolloutRecord {
  if (!isObject(value)) return false;
  const { version, epoch, state, configured } = value;
  return (
    Number.isSafeInteger(version) &&
    (version as number) > 0 &&
    typeof epoch === 'string' &&
    EPOCH.test(epoch) &&
    (state === null || isState(state)) &&
    isState(configured)
  );
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isState(value: unknown): value is RolloutState {
  if (!isObject(value)) return false;
  const { mode, percent, tenants } = value;
  if (mode === 'off' || mode === 'shadow') return true;
  if (mode !== 'on' || typeof percent !== 'number' || !Array.isArray(tenants)) return false;
  return percent >= 0 && percent <= 100 && tenants.every((each) => typeof each === 'string');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
