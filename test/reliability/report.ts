import { cpus, loadavg } from 'node:os';
import type { Figures } from './scenario-runner.js';

/** The figures of one topic. */
export interface GroupFigures {
  readonly title: string;
  readonly figures: readonly Figures[];
}

const [loadBefore = 0] = loadavg();

const COLUMNS = [
  'fault',
  'calls',
  'errors',
  'slowest call',
  'method alone',
  'stale reads',
  'older meanwhile',
  'recovered in',
  'memory',
] as const;

const INTRODUCTION = `# Reliability

What callers see while Redis fails. Every figure on this page comes from the one run that wrote it:
\`npm run reliability\`. The same faults run as tests, where the bounds are asserted.

## How it is measured

Two applications, each in a process of its own, use the module as by its defaults, but for a \`ttl\`
and \`near.ttl\` of an hour, so that whatever is kept by mistake is kept for long. In each, 16 callers
read, put, and evict by key and by tag, without pause but for some 10 ms after each call, over a source
that gives every change a higher version and answers as late as a slow database may: with what it had
when the question came. Half of the leads are in a cache with both tiers, half in one without the near
tier. A fault strikes in the midst of it, real servers and real connections, and the calls go on until
both processes have recovered and for a while after. When all is quiet, each process is asked for every
lead once more.

- **calls**: of both processes, all kinds.
- **errors**: that reached a caller.
- **slowest call**: of all callers and kinds, without time in which the process itself got no CPU.
  **method alone** is the longest that the method took by itself, by the clock on the wall: it shows
  how busy the machine was. Where a process is cut off or dies amid a load, a read of another one waits
  for its lease to run out: \`timeouts.lease\`, 3 s at most.
- **stale reads**: answers older than a change of this process, at any time; than a change of the other
  process that Redis had acknowledged half a second before, while both use Redis; or than anything, in
  the last look.
- **older meanwhile**: answers of a process that is cut off, older than what the other one changed.
  They are allowed and bounded: see [consistency](consistency.md#not-guaranteed).
- **recovered in**: from the end of the fault, or from the strike where nobody ends it, until both
  processes use Redis and their memory again.
- **memory**: how much more the process that grew most has in use at the end than when the fault began.
`;

const REMARKS = `## Remarks

- A call spends at most \`timeouts.command\` (100 ms) on a Redis that does not answer. A read may also
  wait for another process that loads the same entry, and load itself when that comes to nothing.
- Where one process alone is cut off, it may hold leases that it cannot give back. The others wait for
  such an entry until its lease has run out: \`timeouts.lease\`, 3 s.
- A connection that is half-open is closed after 2 s of silence and made anew.
- The time to recover from a failover begins with the death of the server, so it holds the time that
  Sentinel or the cluster takes to notice and to decide.
`;

/** The page, with the figures of a run. @param facts what else is to be known of the run */
export function reportOf(
  groups: readonly GroupFigures[],
  facts: Readonly<Record<string, string>>,
): string {
  const tables = groups.map(({ title, figures }) => `## ${title}\n\n${tableOf(figures)}`);
  return [INTRODUCTION, ...tables, REMARKS, `## The run\n\n${runOf(facts)}`].join('\n\n');
}

function tableOf(figures: readonly Figures[]): string {
  const rows = figures.map((each) => `| ${cellsOf(each).join(' | ')} |`);
  return [
    `| ${COLUMNS.join(' | ')} |`,
    `| --- |${' ---: |'.repeat(COLUMNS.length - 1)}`,
    ...rows,
  ].join('\n');
}

function cellsOf({ name, apps, recoveredInMs }: Figures): string[] {
  const sum = (count: (app: (typeof apps)[number]) => number): number =>
    apps.reduce((total, app) => total + count(app), 0);
  const most = (measure: (app: (typeof apps)[number]) => number): number =>
    Math.max(...apps.map(measure));
  return [
    name,
    String(sum(({ calls }) => calls)),
    String(sum(({ errors }) => errors.length)),
    inMs(most(({ slowestMs }) => Math.max(...Object.values(slowestMs)))),
    inMs(most(({ slowestMethodMs }) => slowestMethodMs)),
    String(sum(({ staleReads }) => staleReads)),
    String(sum(({ olderMeanwhile }) => olderMeanwhile)),
    inMs(recoveredInMs),
    `${(most(({ grownBytes }) => grownBytes) / 1e6).toFixed(1)} MB`,
  ];
}

function runOf(facts: Readonly<Record<string, string>>): string {
  const processors = cpus();
  const all = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}, ${process.platform} ${process.arch}`,
    'load of the machine before the run, 1 minute': loadBefore.toFixed(1),
    Node: process.version,
    ...facts,
  };
  return Object.entries(all)
    .map(([fact, value]) => `- ${fact}: ${value}`)
    .join('\n');
}

function inMs(ms: number): string {
  return `${Math.round(ms)} ms`;
}
