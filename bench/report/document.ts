import type { Case, Figure } from '../measure/outcome.js';
import type { WorkloadResult } from '../measure/workload.js';
import { formatMeasure, rounded } from './format.js';
import { Results, type RunConditions, type RunReport } from './results.js';
import { isMet, TARGETS, type Target } from './targets.js';

/** Order and headings of the columns; a measure that is not here stands at the end as it is named. */
const COLUMNS: Readonly<Record<string, string>> = {
  timeNs: 'time',
  ratio: 'time ÷ reference',
  cpuNs: 'CPU',
  cpuRatio: 'CPU ÷ reference',
  commands: 'commands sent',
  inScripts: 'commands in scripts',
  publishes: 'messages',
  loads: 'loads',
  nearHitPercent: 'reads off Redis',
  hitPercent: 'hits',
  heapBytes: 'heap',
  redisBytes: 'Redis',
  accountedBytes: 'accounted',
  garbageBytes: 'garbage',
  suspendedNs: 'median once suspended',
  slowestNs: 'slowest call',
  backNs: 'used again after',
  addedNs: 'added',
  cpuAddedNs: 'CPU added',
};

/**
 * The report of a run as Markdown.
 *
 * @param charts file names of the charts that were drawn, by workload, relative to the document
 */
export function asMarkdown(report: RunReport, charts: ReadonlyMap<string, string>): string {
  const results = new Results(report.workloads);
  return [
    '# Performance',
    introduction(report.conditions),
    '## Targets',
    targetTable(results),
    'What stands in the way of those that are missed: [Where the time goes](where-the-time-goes.md).',
    '## How it is measured',
    METHOD,
    '## What this does not prove',
    LIMITS,
    ...report.workloads.flatMap((result) => workloadSection(result, charts)),
    '## Contenders',
    contenderTable(report),
    '',
  ].join('\n\n');
}

const METHOD = `Each group of measurements runs in a process and with a Redis server of its own, on the
same machine; where most of the time goes to Redis (far hit, miss, reads and writes of popular keys) each contender
has a process of its own, as in an application with tenants, so that none pays for the code and the garbage of the
others, and each has one context, which makes every promise of Node 20 dearer. Contenders take turns in
rounds, each round in another order, and what is compared is compared within a round; so whatever else
the machine does meets all of them. Figures are medians over
the rounds, with the smallest and the largest in parentheses. Each contender has its loop compiled for
itself, is warmed up, and has to give the right answer before it is timed. Work that never waits is
timed by the CPU time of the process, all other work by the clock. Commands are counted by
\`INFO commandstats\`, in a pass of their own: those that were sent, and apart from them those that
scripts ran, as both cost Redis time. The library is measured as it is compiled for
publishing. Peers have the settings that their documentation recommends; see
[Contenders](#contenders).

\`npm run bench\` measures all of it and writes this page; [CONTRIBUTING.md](../CONTRIBUTING.md#benchmarks)
has the options.`;

const LIMITS = `- Client, server and, where there are several, all processes share the cores of one small
  machine, over the loopback interface. Over a network a round trip takes longer and the client's part
  in it is smaller, so differences between clients shrink, and those by fewer round trips grow.
- It is one version of Node and of Redis, without TLS, without a cluster.
- The values are plain data of a few sizes. Others cost something else.
- The load of a miss takes no time. With a database behind it, what a cache adds to a miss matters less.
- Peers do other things than ours, and some do more. What each of them promises when entries are
  evicted is not compared here.`;

function introduction({ date, commit, quick, machine, versions }: RunConditions): string {
  const warning = quick
    ? '> This is the report of a **quick** run: short rounds and small sizes. Do not quote it.\n\n'
    : '';
  const all = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${warning}Measured on ${date} at commit \`${commit}\`, on ${machine}, with ${all.join(', ')}. This page is
written by \`npm run bench\`.`;
}

function targetTable(results: Results): string {
  const rows = TARGETS.map((target) => {
    const value = target.measured(results);
    const met = isMet(target, results);
    return [
      target.work,
      boundOf(target),
      value === undefined ? '–' : rounded(value) + (target.unit ?? ''),
      met === undefined ? 'not measured' : met ? 'met' : '**missed**',
    ];
  });
  return table(['work', 'target', 'measured', ''], rows);
}

function boundOf({ atMost, atLeast, unit = '' }: Target): string {
  return atMost === undefined ? `≥ ${String(atLeast)}${unit}` : `≤ ${String(atMost)}${unit}`;
}

function workloadSection(result: WorkloadResult, charts: ReadonlyMap<string, string>): string[] {
  const chart = charts.get(result.workload);
  return [
    `## ${result.title}`,
    result.method,
    ...(result.error === undefined ? [] : [`Not measured: ${result.error}.`]),
    ...(chart === undefined ? [] : [`![${result.title}](${chart})`]),
    ...result.cases.flatMap(caseSection),
  ];
}

function caseSection(each: Case): string[] {
  const { title, figures, reference } = each;
  const order = Object.keys(COLUMNS);
  const measured = new Set(figures.flatMap(({ measures }) => Object.keys(measures)));
  const columns = [
    ...order.filter((measure) => measured.has(measure)),
    ...[...measured].filter((measure) => !order.includes(measure)),
  ];
  const heading = ['', ...columns.map((measure) => COLUMNS[measure] ?? measure)];
  const rows = figures.map((figure) => [nameOf(figure, reference), ...cellsOf(figure, columns)]);
  return [`**${title}**`, table(heading, rows)];
}

function nameOf({ contender, excluded }: Figure, reference: string | undefined): string {
  if (excluded !== undefined) return `${contender} (left out: ${excluded})`;
  return contender === reference ? `${contender} (reference)` : contender;
}

function cellsOf({ measures }: Figure, columns: readonly string[]): string[] {
  return columns.map((measure) => {
    const sample = measures[measure];
    return sample ? formatMeasure(measure, sample) : '–';
  });
}

function contenderTable({ contenders }: RunReport): string {
  const rows = contenders.map(({ name, version, settings }) => [name, version, settings]);
  return table(['', 'version', 'settings'], rows);
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n');
}
