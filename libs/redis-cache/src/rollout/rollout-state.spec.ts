import fc from 'fast-check';
import { FULLY_ON, grows, modeFor, type RolloutState } from './rollout-state.js';
import { BUCKETS, bucketOf } from './tenant-bucket.js';

const tenant = fc.oneof(
  fc.string({ minLength: 1, unit: 'binary' }),
  fc.constantFrom('acme', 'globex', 'initech'),
);
const percent = fc.integer({ min: 0, max: BUCKETS }).map((bucket) => bucket / 100);
const state: fc.Arbitrary<RolloutState> = fc.oneof(
  fc.constantFrom<RolloutState>({ mode: 'off' }, { mode: 'shadow' }, FULLY_ON),
  fc.record({
    mode: fc.constant('on' as const),
    percent,
    tenants: fc.array(tenant, { maxLength: 3 }),
  }),
);

function on(percent: number, ...tenants: string[]): RolloutState {
  return { mode: 'on', percent, tenants };
}

describe('bucketOf', () => {
  // Written down from `printf %s acme | sha256sum`: it must never change, or other tenants come first.
  it.each([
    ['acme', 0x822b33ad],
    ['globex', 0x5bc1a08d],
    ['', 0xe3b0c442],
    ['Zürich 🏔', 0x5a1e9731],
  ])('is that of the first four bytes of the SHA-256 of %p', (tenant, first) => {
    expect(bucketOf(tenant)).toBe(first % BUCKETS);
  });

  it.each([
    ['numbers in a row', (i: number) => `tenant-${i}`],
    ['numbers alone', String],
    [
      'UUIDs that differ at the end',
      (i: number) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    ],
  ])('spreads %s evenly', (_, named) => {
    const tenants = Array.from({ length: 20_000 }, (__, i) => named(i));
    for (const percent of [1, 10, 25, 50, 90]) {
      const share = tenants.filter((each) => modeFor(on(percent), each) === 'on').length / 200;
      // Four standard deviations of a share of 20,000.
      expect(Math.abs(share - percent)).toBeLessThan(
        4 * Math.sqrt((percent * (100 - percent)) / 20_000),
      );
    }
  });
});

describe('modeFor', () => {
  it('only adds tenants when the percentage grows', () => {
    fc.assert(
      fc.property(tenant, percent, percent, (name, a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        return modeFor(on(less), name) === 'off' || modeFor(on(more), name) === 'on';
      }),
    );
  });

  it.each<[RolloutState, string | null, string]>([
    [{ mode: 'off' }, 'acme', 'off'],
    [{ mode: 'shadow' }, null, 'shadow'],
    [on(0, 'acme'), 'acme', 'on'],
    [on(0, 'acme'), 'globex', 'off'],
    [on(0), 'acme', 'off'],
    [on(100), 'acme', 'on'],
    [on(99.99, 'acme'), null, 'off'],
    [on(100), null, 'on'],
  ])('of %j for %p is %s', (given, owner, mode) => {
    expect(modeFor(given, owner)).toBe(mode);
  });
});

describe('grows', () => {
  it('says so only where nobody leaves', () => {
    fc.assert(
      fc.property(state, state, tenant, (from, to, name) => {
        fc.pre(grows(from, to));
        for (const owner of [name, null]) {
          if (modeFor(from, owner) === 'on') expect(modeFor(to, owner)).toBe('on');
        }
      }),
    );
  });

  it.each<[RolloutState, RolloutState, boolean]>([
    [{ mode: 'off' }, on(10), true],
    [{ mode: 'shadow' }, { mode: 'off' }, true],
    [on(10), on(20), true],
    [on(10, 'acme'), on(10, 'globex', 'acme'), true],
    [on(10, 'acme'), FULLY_ON, true],
    [on(20), on(10), false],
    [on(0, 'acme'), on(0), false],
    [FULLY_ON, { mode: 'shadow' }, false],
    [FULLY_ON, { mode: 'off' }, false],
  ])('from %j to %j: %p', (from, to, expected) => {
    expect(grows(from, to)).toBe(expected);
  });
});
