import type { CacheStatistics } from 'nestjs-redis-cache';
import type { Counts } from './app-process.js';
import type { Replay } from './replay.js';

/** One replay, and what the app counted meanwhile. */
export interface Pass {
  readonly title: string;
  readonly replay: Replay;
  readonly before: Counts;
  readonly after: Counts;
}

export function percentile(latenciesMs: readonly number[], share: number): number {
  const sorted = [...latenciesMs].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function latencyTable(passes: readonly Pass[]): string {
  const head = ['', 'median', 'p99', 'slowest', 'queries', 'unanswered', 'stale'];
  const rows = passes.map(({ title, replay, before, after }) => [
    title,
    milliseconds(percentile(replay.latenciesMs, 0.5)),
    milliseconds(percentile(replay.latenciesMs, 0.99)),
    milliseconds(percentile(replay.latenciesMs, 1)),
    String(after.queries - before.queries),
    `${replay.unanswered} of ${replay.requests}`,
    String(replay.stale),
  ]);
  return table([head, ...rows]);
}

/** How often each cache answered, near tier and Redis taken together; of caches that were asked. */
export function hitRateTable(passes: readonly Pass[]): string {
  const head = ['hit rate', ...passes.map(({ title }) => title)];
  const names = new Set(passes.flatMap(({ after }) => Object.keys(after.cache.caches)));
  const rows = [...names]
    .sort()
    .map((name) => [name, ...passes.map((pass) => hitRate(pass, name) ?? '–')])
    .filter(([, ...rates]) => rates.some((rate) => rate !== '–'));
  return table([head, ...rows]);
}

function hitRate({ before, after }: Pass, name: string): string | undefined {
  const hits = hitsOf(after.cache, name) - hitsOf(before.cache, name);
  const misses = missesOf(after.cache, name) - missesOf(before.cache, name);
  return hits + misses === 0 ? undefined : `${((100 * hits) / (hits + misses)).toFixed(1)} %`;
}

function hitsOf({ caches }: CacheStatistics, name: string): number {
  const counters = caches[name];
  return counters ? counters.nearHits + counters.farHits : 0;
}

function missesOf({ caches }: CacheStatistics, name: string): number {
  return caches[name]?.misses ?? 0;
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}

/** The first column to the left, all others to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('   '),
    )
    .join('\n');
}
