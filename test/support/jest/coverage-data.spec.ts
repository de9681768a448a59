import { createContext, runInContext, type Context } from 'node:vm';

interface FileCoverage {
  readonly hash: string;
  readonly s: Record<string, number>;
  readonly f: Record<string, number>;
  readonly b: Record<string, number[]>;
}

interface Transform {
  process(source: string, filename: string, options: object): { readonly code: string };
}

interface Istanbul {
  readInitialCoverage(code: string): { readonly coverageData: FileCoverage } | null;
}

type CoverageIn = (global: Context) => unknown;

const FILE = '/source.ts';
const SOURCE = `exports.sign = (n: number): string => (n < 0 ? '-' : '+');`;
const NOTHING_RAN = { s: { 0: 1, 1: 0 }, f: { 0: 0 }, b: { 0: [0, 0] } };
const ONE_NEGATIVE = { s: { 0: 1, 1: 1 }, f: { 0: 1 }, b: { 0: [1, 0] } };
const TWO_POSITIVE = { s: { 0: 1, 1: 2 }, f: { 0: 2 }, b: { 0: [0, 2] } };

describe('what Istanbul knows of a source', () => {
  let coverageIn: CoverageIn;

  beforeEach(() => {
    jest.resetModules();
    ({ coverageIn } = jest.requireActual<{ coverageIn: CoverageIn }>('./coverage-data.cjs'));
  });

  const transform = (source: string) =>
    jest
      .requireActual<Transform>('./source.transform.cjs')
      .process(source, FILE, { instrument: true, supportsStaticESM: false }).code;

  /** Loads a source as a spec does, which has a global of its own. */
  const spec = () => {
    const global = createContext({});
    global.__coverageOf = coverageIn(global);
    const load = (source = SOURCE) =>
      runInContext(
        `(() => { const exports = {}; ${transform(source)}; return exports; })()`,
        global,
      ) as { sign(n: number): string };
    const ran = () => {
      const { s, f, b } = (global.__coverage__ as Record<string, FileCoverage>)[
        FILE
      ] as FileCoverage;
      return { s, f, b };
    };
    return { load, ran };
  };

  it('is copied for each spec but the first, with counters of its own', () => {
    const [first, second, third] = [spec(), spec(), spec()];
    first.load().sign(-1);
    const { sign } = second.load();
    expect(second.ran()).toEqual(NOTHING_RAN);
    sign(1);
    sign(2);
    expect([first.ran(), second.ran()]).toEqual([ONE_NEGATIVE, TWO_POSITIVE]);
    third.load();
    expect(third.ran()).toEqual(NOTHING_RAN);
  });

  it.each([1, 2])('is one for all modules of a file in a spec, where %i specs load it', (specs) => {
    for (let before = 1; before < specs; before += 1) spec().load();
    const { load, ran } = spec();
    load().sign(1);
    load().sign(2);
    expect(ran()).toEqual({ ...TWO_POSITIVE, s: { 0: 2, 1: 2 } });
  });

  it('is not that of another text of the file', () => {
    spec().load();
    const { load, ran } = spec();
    load(`exports.sign = (n: number): string => '+';`).sign(1);
    expect(ran()).toEqual({ s: { 0: 1, 1: 1 }, f: { 0: 1 }, b: {} });
  });

  it('is still found in the code, for sources that no spec loads', () => {
    const { readInitialCoverage } = jest.requireActual<Istanbul>('istanbul-lib-instrument');
    expect(readInitialCoverage(transform(SOURCE))?.coverageData).toMatchObject({
      ...NOTHING_RAN,
      s: { 0: 0, 1: 0 },
    });
  });
});
