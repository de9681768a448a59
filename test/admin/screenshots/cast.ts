// Who plays in the night of the pictures, and when it happens.

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

/** When the pictures are taken. */
export const NOW_MS = Date.UTC(2026, 0, 15, 2, 14, 30);

export interface Cache {
  readonly name: string;
  readonly ttlMs: number;
  readonly scope: 'tenant' | 'global';
  /** Per second. */
  readonly reads: number;
  readonly hits: number;
  /** Of the hits. */
  readonly near: number;
  readonly loadMs: number;
  readonly entries: number;
}

export const CACHES: readonly Cache[] = [
  cache('lead.byPhone', 15, 'tenant', 412, 0.972, 0.74, 38, 8_214),
  cache('organization.byPhone', 30, 'global', 388, 0.996, 0.97, 21, 640),
  cache('conversation.context', 2, 'tenant', 205, 0.884, 0.35, 64, 5_120),
  cache('agent.prompt', 60, 'tenant', 131, 0.991, 0.93, 112, 212),
  cache('lead.search', 1, 'tenant', 44, 0.612, 0.28, 310, 1_911),
  cache('humanControl.state', 0.5, 'tenant', 96, 0.905, 0.52, 17, 873),
];

export const TENANTS = [
  'acme',
  'globex',
  'initech',
  'umbrella',
  'hooli',
  'stark',
  'wayne',
  'wonka',
];

function cache(
  name: string,
  minutes: number,
  scope: Cache['scope'],
  ...[reads, hits, near, loadMs, entries]: [number, number, number, number, number]
): Cache {
  return { name, ttlMs: minutes * MINUTE, scope, reads, hits, near, loadMs, entries };
}

/** A time in which Redis is away. */
export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

/** From 0 up to 1. */
export type Random = () => number;

/** Long over at the end, and not over yet. */
export const OUTAGES: Readonly<Record<'well' | 'outage', Outage>> = {
  well: { fromMs: NOW_MS - 7.2 * MINUTE, toMs: NOW_MS - 6.3 * MINUTE },
  outage: { fromMs: NOW_MS - 47 * SECOND, toMs: Infinity },
};

/** The same numbers every time (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
