interface FileCoverage {
  readonly s: Record<string, number>;
  readonly f: Record<string, number>;
  readonly b: Record<string, number[]>;
}

type LeaveOut = (coverage: Record<string, FileCoverage>) => void;

const NOTHING: FileCoverage = { s: { 0: 0, 1: 0 }, f: { 0: 0 }, b: { 0: [0, 0] } };

describe('what is told of the coverage of a spec', () => {
  let leaveOutWhatIsKnown: LeaveOut;

  const toldOf = (...files: FileCoverage[]): string[] => {
    const coverage = Object.fromEntries(files.map((file, index) => [`/${index}.ts`, file]));
    leaveOutWhatIsKnown(coverage);
    return Object.keys(coverage);
  };

  beforeEach(() => {
    jest.resetModules();
    ({ leaveOutWhatIsKnown } = jest.requireActual<{ leaveOutWhatIsKnown: LeaveOut }>(
      './known-coverage.cjs',
    ));
  });

  it('is each file at first, also one of which nothing ran', () => {
    expect(toldOf(NOTHING, NOTHING)).toEqual(['/0.ts', '/1.ts']);
    expect(toldOf(NOTHING, NOTHING)).toEqual([]);
  });

  it.each([
    ['statement', { ...NOTHING, s: { 0: 0, 1: 3 } }],
    ['function', { ...NOTHING, f: { 0: 1 } }],
    ['branch', { ...NOTHING, b: { 0: [0, 2] } }],
  ])('is then a file of which a %s ran that no spec before had run', (_what, file) => {
    toldOf(NOTHING, NOTHING);
    expect(toldOf(NOTHING, file)).toEqual(['/1.ts']);
    expect(toldOf(NOTHING, file)).toEqual([]);
  });

  it('is the whole file, with what ran before', () => {
    toldOf({ ...NOTHING, s: { 0: 1, 1: 0 } });
    const coverage = { '/0.ts': { ...NOTHING, s: { 0: 1, 1: 1 } } };
    leaveOutWhatIsKnown(coverage);
    expect(coverage).toEqual({ '/0.ts': { ...NOTHING, s: { 0: 1, 1: 1 } } });
  });
});
