import type { ActivitySnapshot } from '../cache/cache-activity.js';
import type { AlertKind } from '../cache/alert.js';

/** What is measured over a window of time. */
export type MeasuredKind = Exclude<AlertKind, 'disconnected'>;

/** When something measured is told of. */
export interface MeasuredRule {
  readonly kind: MeasuredKind;
  /** Undefined: all caches together. */
  readonly cache: string | undefined;
  /** Past this it is raised. */
  readonly raise: number;
  /** Back at this it is resolved. */
  readonly clear: number;
  /** Of fewer nothing is concluded. */
  readonly minSample: number;
}

/** When it is told that Redis is away. */
export interface DisconnectedRule {
  readonly kind: 'disconnected';
  readonly cache: undefined;
  readonly afterMs: number;
  readonly clearMs: number;
}

export type AlertRule = MeasuredRule | DisconnectedRule;

/** What is to be done about an alert. */
export type Verdict = 'raise' | 'clear' | 'none';

/** What was measured, and of how many. */
export interface Measured {
  readonly value: number;
  readonly sample: number;
}

/** What a rule is about, of all that happened in its cache. */
export function measure(kind: MeasuredKind, { counters, latency }: ActivitySnapshot): Measured {
  const hits = counters.nearHits + counters.farHits + counters.staleServed;
  const reads = hits + counters.misses;
  switch (kind) {
    case 'hitRate':
      return shareOf(hits, reads);
    case 'latency':
      // Of hits in the process one of 256 is timed, and they take next to nothing.
      return shareOf(latency.far.sumMs + latency.load.sumMs, reads + counters.joined);
    case 'errors':
      return shareOf(
        counters.farErrors + counters.loadErrors,
        latency.far.count + latency.load.count,
      );
  }
}

/** What a measured value says to a rule; between its levels, nothing. */
export function judge(rule: MeasuredRule, value: number): Verdict {
  // Of a hit rate less is worse, of all others more.
  const sign = rule.kind === 'hitRate' ? -1 : 1;
  if (sign * value > sign * rule.raise) return 'raise';
  return sign * value <= sign * rule.clear ? 'clear' : 'none';
}

function shareOf(part: number, sample: number): Measured {
  return { value: sample === 0 ? 0 : part / sample, sample };
}
