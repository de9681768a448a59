import type { AppProcess } from './app-metrics.js';
import { bytes, count, percent, span } from './figures.js';
import { figureFacts } from './health.view.js';
import type { Look } from './printer.js';
import type { StatsReport } from './stats.report.js';
import { facts, table, type Column } from './table.js';
import { bound } from './tenants.view.js';
import { printable, wrapText } from './text.js';

const KEYSPACE: readonly Column[] = [
  { title: 'cache' },
  { title: 'version', align: 'right' },
  { title: 'entries', align: 'right' },
  { title: 'size', align: 'right' },
];

const APPLICATIONS: readonly Column[] = [
  { title: 'cache' },
  { title: 'hits', align: 'right' },
  { title: 'near', align: 'right' },
  { title: 'far', align: 'right' },
  { title: 'stale', align: 'right' },
  { title: 'misses', align: 'right' },
  { title: 'loads', align: 'right' },
  { title: 'failed', align: 'right' },
  { title: 'mean load', align: 'right' },
];

/** Said where nobody was asked what was hit and missed. */
export const NO_APPLICATIONS =
  'What the caches hit and miss, only applications know: --from http://host/metrics reads it.';

export function statsView(report: StatsReport, look: Look): string[] {
  const heading = (text: string): string => look.paint('bold', text);
  return [
    heading(`Redis: ${report.redis}`),
    ...facts(
      report.figures ? figureFacts(report.figures) : [['figures', 'this user may not ask (+info)']],
      look,
    ),
    '',
    heading(`In Redis, under the prefix ${report.prefix}`),
    ...keyspaceLines(report.keyspace, look),
    '',
    heading('Of the applications, since their start'),
    ...applicationLines(report.applications, look),
  ];
}

function keyspaceLines(keyspace: StatsReport['keyspace'], look: Look): string[] {
  const { entries, tenants, leases, stamps, caches } = keyspace;
  const rows = caches.map((cache) => [
    printable(cache.cache),
    String(cache.version),
    count(cache.entries),
    bytes(cache.bytes),
  ]);
  const owners = `of ${count(tenants)} ${tenants === 1 ? 'owner' : 'owners'}`;
  return [
    ...facts(
      [
        ['entries', `${count(entries)} ${owners}, ${bytes(keyspace.bytes)}`],
        ['being loaded', count(leases)],
        ['stamps', count(stamps)],
      ],
      look,
    ),
    ...(rows.length > 0 ? table(KEYSPACE, rows, look) : []),
    ...bound(keyspace),
  ];
}

function applicationLines(applications: StatsReport['applications'], look: Look): string[] {
  if (!applications) return wrapText(NO_APPLICATIONS, look.width);
  const rows = applications.caches.map((cache) => [
    printable(cache.cache),
    percent(cache.hitRate ?? undefined),
    count(cache.nearHits),
    count(cache.farHits),
    count(cache.stale),
    count(cache.misses),
    count(cache.loads),
    count(cache.loadErrors),
    span(cache.loads === 0 ? undefined : cache.loadMs / cache.loads),
  ]);
  return [
    ...applications.processes.flatMap((process) => wrapText(processLine(process), look.width)),
    ...(rows.length > 0 ? table(APPLICATIONS, rows, look) : ['No cache has been used yet.']),
  ];
}

export function processLine({ from, state, trusted }: AppProcess): string {
  const memory = trusted ? 'answers from its memory' : 'does not answer from its memory';
  return `${printable(from)}: ${state ?? 'without Redis'}, ${memory}`;
}
