import type { Alert, AlertChange } from '../cache/alert.js';

/** An alert, or its end, in one sentence. */
export function textOf(change: AlertChange): string {
  const { state, atMs, sinceMs } = change;
  return state === 'raised'
    ? `Alert: ${measuredIn(change)}, ${limitIn(change)}`
    : `Resolved after ${spanOf(atMs - sinceMs)}: ${measuredIn(change)}`;
}

function measuredIn({ kind, cache, value }: Alert): string {
  const of = cache === undefined ? 'of all caches' : `of the cache '${cache}'`;
  switch (kind) {
    case 'hitRate':
      return `the hit rate ${of} is ${percentOf(value)}`;
    case 'latency':
      return `a call ${of} takes ${Math.round(value)} ms in the mean`;
    case 'errors':
      return `of the work ${of} ${percentOf(value)} fails`;
    case 'disconnected':
      return value === 0 ? 'Redis is back' : `Redis is away for ${spanOf(value)}`;
  }
}

function limitIn({ kind, threshold }: Alert): string {
  switch (kind) {
    case 'hitRate':
      return `below ${percentOf(threshold)}`;
    case 'latency':
      return `above ${Math.round(threshold)} ms`;
    case 'errors':
      return `above ${percentOf(threshold)}`;
    case 'disconnected':
      return `longer than ${spanOf(threshold)}`;
  }
}

function percentOf(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}

function spanOf(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
}
