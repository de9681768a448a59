import { bytes, count, percent, shareOf, span } from './figures.js';
import type { HealthReport } from './health.report.js';
import type { Look } from './printer.js';
import { facts } from './table.js';

export function healthView(report: HealthReport, look: Look): string[] {
  const { paint } = look;
  if (report.status === 'away') {
    return facts(
      [
        ['status', paint('red', 'away')],
        ['redis', report.redis],
        ['reason', report.reason],
      ],
      look,
    );
  }
  const { status, problems, latency, figures } = report;
  return facts(
    [
      ['status', status === 'ok' ? paint('green', 'ok') : paint('red', 'unwell')],
      ...problems.map((problem) => ['problem', paint('red', problem)] as const),
      ['redis', report.redis],
      ['server', report.server ?? 'does not say'],
      ['connected', `within ${span(report.connectMs)}`],
      ['latency', `${span(latency.p50Ms)} in the middle, ${span(latency.maxMs)} at most`],
      ...(figures ? figureFacts(figures) : [['figures', 'this user may not ask (+info)'] as const]),
    ],
    look,
  );
}

type Figures = NonNullable<Exclude<HealthReport, { readonly status: 'away' }>['figures']>;

/** What Redis says of itself. */
export function figureFacts(figures: Figures): (readonly [string, string])[] {
  const { memoryBytes, maxMemoryBytes, keyspaceHits, keyspaceMisses, uptimeSeconds } = figures;
  const limit = maxMemoryBytes === 0 ? ', no limit' : ` of ${bytes(maxMemoryBytes)}`;
  return [
    ...(figures.servers > 1 ? [['masters', count(figures.servers)] as const] : []),
    ['up for', uptimeSeconds === undefined ? span(undefined) : span(uptimeSeconds * 1_000)],
    ['memory', `${bytes(memoryBytes)}${limit}`],
    ['clients', count(figures.clients)],
    ['commands', `${count(figures.commandsPerSecond)} a second`],
    [
      'look-ups',
      `${percent(shareOf(keyspaceHits, keyspaceMisses))} hits, of all clients since its start`,
    ],
    ['dropped', `${count(figures.evictedKeys)} keys for want of memory`],
  ];
}
