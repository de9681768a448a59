import { exactly } from '../../bench/measure/statistics.js';
import type { Figure } from '../../bench/measure/outcome.js';
import type { WorkloadResult } from '../../bench/measure/workload.js';
import { barChart } from '../../bench/report/chart.js';
import { asMarkdown } from '../../bench/report/document.js';
import { formatMeasure } from '../../bench/report/format.js';
import { Results, type RunReport } from '../../bench/report/results.js';
import { isMet, TARGETS, type Target } from '../../bench/report/targets.js';

const OWN = 'nestjs-redis-cache';
const NEAR_HIT: readonly Figure[] = [
  { contender: 'Map', measures: { timeNs: exactly(100), ratio: exactly(1) } },
  {
    contender: OWN,
    measures: { timeNs: { median: 500, min: 450, max: 9_000 }, ratio: exactly(5) },
  },
  { contender: 'other | peer', measures: { timeNs: exactly(4_500), ratio: exactly(45) } },
  { contender: 'gone', measures: {}, excluded: 'it answers something else' },
];
const FAR_HIT: readonly Figure[] = [
  { contender: OWN, measures: { timeNs: exactly(20_000), ratio: exactly(1) } },
];

describe('targets', () => {
  const results = new Results([workload('near-hit', NEAR_HIT), workload('far-hit', FAR_HIT)]);

  it.each([
    ['near hit, a copy: time ÷ Map', 5, true],
    ['near hit, a copy: time of the fastest peer that copies ÷ ours', 9, true],
    ['far hit, 64 in flight: speed ÷ by hand', 1, false],
    ['miss: commands sent', undefined, undefined],
  ])('%s', (work, value, met) => {
    const target = TARGETS.find((each) => each.work === work) as Target;
    expect(target.measured(results)).toBe(value);
    expect(isMet(target, results)).toBe(met);
  });

  it('have one bound each, and a name of their own', () => {
    for (const { atMost, atLeast } of TARGETS) {
      expect([atMost, atLeast].filter((bound) => bound !== undefined)).toHaveLength(1);
    }
    expect(new Set(TARGETS.map(({ work }) => work)).size).toBe(TARGETS.length);
  });
});

describe('the document', () => {
  const text = asMarkdown(report(false), new Map([['near-hit', 'performance/near-hit.svg']]));

  it('says of each target whether it was reached', () => {
    expect(text).toContain('| near hit, a copy: time ÷ Map | ≤ 8 × | 5 × | met |');
    expect(text).toContain(
      '| far hit, 64 in flight: speed ÷ by hand | ≥ 1.6 × | 1 × | **missed** |',
    );
    expect(text).toContain('| miss: commands sent | ≤ 2 | – | not measured |');
  });

  it('shows each case as a table, with the reference, the spread, and who was left out', () => {
    expect(text).toContain(
      [
        '|  | time | time ÷ reference |',
        '| --- | --- | --- |',
        '| Map (reference) | 100 ns | 1 |',
        `| ${OWN} | 500 ns (450–9,000) | 5 |`,
        '| other \\| peer | 4.5 µs | 45 |',
        '| gone (left out: it answers something else) | – | – |',
      ].join('\n'),
    );
  });

  it('shows the charts that were drawn', () => {
    expect(text).toContain('![near-hit](performance/near-hit.svg)');
    expect(text).not.toContain('far-hit.svg');
  });

  it('warns of numbers of a quick run', () => {
    expect(text).not.toContain('quick');
    expect(asMarkdown(report(true), new Map())).toContain('This is the report of a **quick** run');
  });

  it('says what could not be measured', () => {
    const failed = { ...workload('miss', []), error: 'its process ended with 1' };
    const all = { ...report(false), workloads: [failed] };
    expect(asMarkdown(all, new Map())).toContain('Not measured: its process ended with 1.');
  });
});

describe('numbers of the report', () => {
  it.each([
    ['timeNs', 1_234, '1.23 µs'],
    ['timeNs', 12_345_678, '12.3 ms'],
    ['addedNs', -2_500_000, '-2.5 ms'],
    ['heapBytes', 444, '444 B'],
    ['hitPercent', 77.68, '77.7 %'],
    ['calls', 36_853, '36,853'],
    ['publishes', 0, '0'],
    ['ratio', 0.0195, '0.0195'],
  ])('%s of %d', (measure, value, text) => {
    expect(formatMeasure(measure, exactly(value))).toBe(text);
  });

  it('have their spread behind them, in the same unit', () => {
    expect(formatMeasure('timeNs', { median: 2_000, min: 900, max: 12_000 })).toBe('2 µs (0.9–12)');
  });
});

describe('charts', () => {
  const bars = [
    { label: 'Map', value: 1, text: '1', kind: 'reference' },
    { label: OWN, value: 10, text: '10', kind: 'ours' },
    { label: '<a> & "b"', value: 100, text: '100', kind: 'other' },
  ] as const;

  it('draw a bar as long as its value', () => {
    const [one, ten, hundred] = widths(barChart('t', 'n', [{ title: 'g', bars }], 'linear'));
    expect(ten! / one!).toBeCloseTo(10, 0);
    expect(hundred! / ten!).toBeCloseTo(10, 0);
  });

  it('draw equal factors as equal lengths on a logarithmic scale', () => {
    const [one, ten, hundred] = widths(barChart('t', 'n', [{ title: 'g', bars }], 'log'));
    expect(hundred! - ten!).toBeCloseTo(ten! - one!, 0);
  });

  it('are valid whatever contenders are called, and follow the colours of the reader', () => {
    const svg = barChart('t', 'n', [{ title: 'g', bars }], 'linear');
    expect(svg).toContain('&#60;a&#62; &#38; &#34;b&#34;');
    expect(svg).toContain('prefers-color-scheme: dark');
  });

  function widths(svg: string): number[] {
    return [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
  }
});

function workload(name: string, figures: readonly Figure[]): WorkloadResult {
  const id = { 'near-hit': 'near-hit/copy', 'far-hit': 'far-hit/64' }[name] ?? name;
  const cases = [{ id, title: 'a case', reference: 'Map', figures }];
  return { workload: name, title: name, method: 'How.', durationMs: 1, cases };
}

function report(quick: boolean): RunReport {
  return {
    conditions: {
      date: '2026-01-01',
      commit: 'abc',
      quick,
      machine: 'a machine',
      versions: { Node: '20' },
    },
    contenders: [{ name: OWN, version: '1', settings: 'Some.' }],
    workloads: [workload('near-hit', NEAR_HIT), workload('far-hit', FAR_HIT)],
  };
}
