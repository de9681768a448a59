import type { AppCache } from './app-metrics.js';
import { bytes, count, percent, rate, shareOf, span } from './figures.js';
import type { MonitorReport } from './monitor.report.js';
import type { Look } from './printer.js';
import type { CacheRates } from './rates.js';
import { NO_APPLICATIONS, processLine } from './stats.view.js';
import { facts, table, type Column } from './table.js';
import { cut, printable, wrapText } from './text.js';

const CACHES: readonly Column[] = [
  { title: 'cache' },
  { title: 'hits', align: 'right' },
  { title: 'calls', align: 'right' },
  { title: 'near', align: 'right' },
  { title: 'far', align: 'right' },
  { title: 'misses', align: 'right' },
  { title: 'loads', align: 'right' },
  { title: 'failed', align: 'right' },
  { title: 'mean load', align: 'right' },
];

export function monitorView(report: MonitorReport, look: Look, intervalMs: number): string[] {
  const { redis, at, problem } = report;
  const title = `${redis} at ${at.slice(11, 19)} UTC, every ${span(intervalMs)}`;
  return [
    look.paint('bold', Number.isFinite(look.width) ? cut(title, look.width) : title),
    ...(problem === null
      ? []
      : wrapText(`${problem}; what follows is older.`, look.width).map((line) =>
          look.paint('red', line),
        )),
    ...facts(redisFacts(report), look),
    '',
    ...applicationLines(report, look),
  ];
}

function redisFacts({ figures, latency, rates }: MonitorReport): (readonly [string, string])[] {
  const answers = `${span(latency.p50Ms)} in the middle, ${span(latency.maxMs)} at most`;
  if (!figures) {
    return [
      ['latency', answers],
      ['figures', 'this user may not ask (+info)'],
    ];
  }
  const a = rates?.redis;
  return [
    ['latency', answers],
    ['commands', rate(a?.commands)],
    [
      'look-ups',
      `${percent(shareOf(a?.hits, a?.misses))} hits, ${rate(a?.hits)} and ${rate(a?.misses)} misses`,
    ],
    ['gone', `${rate(a?.expired)} by ttl, ${rate(a?.evicted)} for want of memory`],
    ['memory', bytes(figures.memoryBytes)],
    ['clients', count(figures.clients)],
  ];
}

function applicationLines({ applications, rates }: MonitorReport, look: Look): string[] {
  if (!applications) return wrapText(NO_APPLICATIONS, look.width);
  // At the first look there is nothing to compare with.
  const caches: readonly (Pick<AppCache, 'cache'> & Partial<CacheRates>)[] =
    rates?.caches ?? applications.caches.map(({ cache }) => ({ cache }));
  const rows = caches.map((cache) => [
    printable(cache.cache),
    percent(cache.hitRate ?? undefined),
    rate(cache.calls),
    rate(cache.near),
    rate(cache.far),
    rate(cache.misses),
    rate(cache.loads),
    rate(cache.loadErrors),
    span(cache.meanLoadMs ?? undefined),
  ]);
  return [
    ...applications.processes.flatMap((process) => wrapText(processLine(process), look.width)),
    ...(rows.length > 0 ? table(CACHES, rows, look) : ['No cache has been used yet.']),
  ];
}
