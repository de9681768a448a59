import type { ConformanceCase } from './conformance-case.js';
import type { PeerRun } from './peer-run.js';
import type { Verdict } from './verdict.js';

/** Where and when a comparison was made. */
export interface Surroundings {
  readonly date: string;
  readonly node: string;
  readonly redis: string;
  readonly machine: string;
}

const SIGNS = { pass: '✓', fail: '✗', unsupported: '–' } as const;

/** The comparison as a document; every word about a result is what was seen in the run. */
export function comparisonReport(
  cases: readonly ConformanceCase[],
  runs: readonly PeerRun[],
  around: Surroundings,
): string {
  const groups = [...new Set(cases.map(({ group }) => group))];
  return [
    INTRODUCTION,
    `Made on ${around.date} with Node ${around.node}, ${around.redis}, on ${around.machine}. Each library ran in a process of its own.`,
    '## Libraries and settings',
    librariesTable(runs),
    '## Results',
    `✓ as the sentence says · ✗ not so, see [what was seen](#what-was-seen) · – the library does not claim to do it.`,
    ...groups.flatMap((group) => [
      `### ${group}`,
      resultsTable(
        cases.filter((one) => one.group === group),
        runs,
      ),
    ]),
    totals(cases, runs),
    '## What was seen',
    ...groups.flatMap((group) => [
      `### In: ${group}`,
      ...cases.filter((one) => one.group === group).map((one) => seenOf(one, runs)),
    ]),
    '## What the others have',
    'The table asks for what this library promises, which is not all that one may want from a cache.',
    ...strengths(runs),
    LIMITS,
  ].join('\n\n');
}

const INTRODUCTION = `# Comparison with other caches

<!-- Written by \`npm run conformance -- --peers\`. Change the program, not this file. -->

The promises that this library makes, asked of it and of others by the same program:
\`npm run conformance -- --peers\`. The cases are in
[test/conformance/cases](../test/conformance/cases) and know no more of a library than \`get\`, \`set\`,
\`wrap\` and \`evict\`, and, where it has them, tags, tenants and clearing. Orders of events are made by
gates inside the loads, not by luck. How each library is set up stands in
[bench/peers](../bench/peers): two tiers where it has them, with the bus, locks and limits that its
documentation offers. If one of them can be set up better, a change of its adapter is welcome.`;

const LIMITS = `## What is not compared

- Speed: these cases ask only whether an answer is right and comes at all.
- Sentinel, failover, TLS; and of Redis Cluster more than that what is cleared there is gone.
- Custom serializers. Most of the libraries take one, with which more types of values come out as they
  went in; the table shows what they do as they come.
- One process stands for several: the nodes of a case are instances with connections of their own.
- This project wrote the cases. They are the failures that it set out to prevent, so it is no surprise
  that it passes; whether they matter to you is yours to judge.
`;

function librariesTable(runs: readonly PeerRun[]): string {
  return table(
    ['library', 'versions', 'settings'],
    runs.map(({ name, version, settings }) => [name, version, settings]),
  );
}

function resultsTable(cases: readonly ConformanceCase[], runs: readonly PeerRun[]): string {
  return table(
    ['', ...runs.map(({ name }) => name)],
    cases.map(({ name }) => [name, ...runs.map((run) => SIGNS[verdictOf(run, name).kind])]),
  );
}

function totals(cases: readonly ConformanceCase[], runs: readonly PeerRun[]): string {
  const kinds = Object.keys(SIGNS) as Verdict['kind'][];
  return [
    '### Sum',
    table(
      ['', ...runs.map(({ name }) => name)],
      kinds.map((kind) => [
        SIGNS[kind],
        ...runs.map((run) =>
          String(cases.filter(({ name }) => verdictOf(run, name).kind === kind).length),
        ),
      ]),
    ),
  ].join('\n\n');
}

/** One case: how it is made, and what each library did, those that did the same in one line. */
function seenOf({ name, how }: ConformanceCase, runs: readonly PeerRun[]): string {
  const byText = new Map<string, string[]>();
  for (const run of runs) {
    const { kind, seen } = verdictOf(run, name);
    const text = `${SIGNS[kind]} ${seen}`;
    byText.set(text, [...(byText.get(text) ?? []), run.name]);
  }
  const lines = [...byText].map(([text, names]) => `- ${names.join('; ')}: ${text}`);
  return [`**${name}.** ${how}`, lines.join('\n')].join('\n\n');
}

function strengths(runs: readonly PeerRun[]): string[] {
  const said = runs.filter((run) => run.strengths !== '');
  const byText = new Map(said.map((run) => [run.strengths, run.name.split(',')[0] ?? run.name]));
  return [[...byText].map(([text, name]) => `- **${name}**: ${text}`).join('\n')];
}

function verdictOf({ verdicts }: PeerRun, name: string): Verdict {
  return verdicts.get(name) ?? { kind: 'unsupported', seen: 'not tried' };
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
