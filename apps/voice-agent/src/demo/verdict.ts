import { percentile, type Pass } from './report.js';

export const MAX_WARM_P99_MS = 100;

export function p99Of({ replay }: Pass): number {
  return percentile(replay.latenciesMs, 0.99);
}

/** What the app has not kept of what it promises, a sentence each. */
export function brokenPromises(passes: readonly Pass[], warm: Pass): string[] {
  const warmP99Ms = p99Of(warm);
  return [
    ...passes
      .filter(({ replay }) => replay.unanswered > 0)
      .map(({ title, replay }) => `${replay.unanswered} requests were not answered (${title})`),
    ...passes
      .filter(({ replay }) => replay.stale > 0)
      .map(({ title, replay }) => `${replay.stale} answers were out of date (${title})`),
    ...(warmP99Ms < MAX_WARM_P99_MS
      ? []
      : [`p99 of the warm cache is ${warmP99Ms.toFixed(1)} ms, not below ${MAX_WARM_P99_MS} ms`]),
  ];
}
