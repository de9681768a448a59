import { comparisonReport } from './comparison.report.js';
import type { ConformanceCase } from './conformance-case.js';
import type { PeerRun } from './peer-run.js';
import { fail, pass, unsupported, type Verdict } from './verdict.js';

const CASES: readonly ConformanceCase[] = ['It keeps tags', 'It answers'].map((name) => ({
  group: 'Promises',
  name,
  how: `How ${name} is tried.`,
  run: () => Promise.resolve(pass('')),
}));
const AROUND = { date: '2026-01-31', node: '20.0.0', redis: 'redis-server 7', machine: '2 × cpu' };

function run(name: string, strengths: string, ...verdicts: Verdict[]): PeerRun {
  const byName = CASES.flatMap((one, index) => {
    const verdict = verdicts[index];
    return verdict ? [[one.name, verdict] as const] : [];
  });
  return {
    name,
    version: `${name} 1`,
    settings: 'By | default.',
    strengths,
    verdicts: new Map(byName),
  };
}

describe('the comparison as a document', () => {
  const report = comparisonReport(
    CASES,
    [
      run('ours', '', pass('kept'), pass('answered')),
      run('theirs', 'Fast.', unsupported('it has no tags'), fail('no answer within 5 s')),
      run('theirs, careful', 'Fast.', unsupported('it has no tags')),
    ],
    AROUND,
  );

  it('has a row for each case and a column for each library', () => {
    expect(report).toContain('|  | ours | theirs | theirs, careful |');
    expect(report).toContain('| It keeps tags | ✓ | – | – |');
    expect(report).toContain('| It answers | ✓ | ✗ | – |');
    expect(report).toContain('| ✗ | 0 | 1 | 0 |');
  });

  it('says what was seen, once for those of whom the same was seen', () => {
    expect(report).toContain('- theirs; theirs, careful: – it has no tags');
    expect(report).toContain('- theirs: ✗ no answer within 5 s');
  });

  it('says that a case was not tried, rather than nothing', () => {
    expect(report).toContain('- theirs, careful: – not tried');
  });

  it('names versions, settings, date and machine, and what a library has, once', () => {
    expect(report).toContain('| theirs | theirs 1 | By \\| default. |');
    expect(report).toContain('2026-01-31 with Node 20.0.0, redis-server 7, on 2 × cpu');
    expect(report.match(/\*\*theirs\*\*: Fast\./g)).toHaveLength(1);
  });
});
