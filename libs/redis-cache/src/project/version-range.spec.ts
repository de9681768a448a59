import { isWithin, newestOf } from './version-range.js';

describe('a range of versions', () => {
  it.each([
    ['11.2.10', '^10.0.0 || ^11.0.0', true],
    ['10.0.0', '^10.0.0 || ^11.0.0', true],
    ['9.4.3', '^10.0.0 || ^11.0.0', false],
    ['12.0.0-next.1', '^10.0.0 || ^11.0.0', false],
    ['5.8.2', '^5.9.0', false],
    ['5.9.0', '^5.9.0', true],
    ['5.10.1', '^5.9.1', true],
    ['5.9.0', '^5.9.1', false],
    ['0.1.14', '^0.1.13 || ^0.2.0', true],
    ['0.1.12', '^0.1.13 || ^0.2.0', false],
    ['0.3.0', '^0.1.13 || ^0.2.0', false],
    ['latest', '^5.9.0', false],
  ])('has %s in %s: %s', (version, range, expected) => {
    expect(isWithin(version, range)).toBe(expected);
  });

  it('has a newest line', () => {
    expect(newestOf('^5.9.0 || ^6.0.0')).toBe('6');
    expect(newestOf('^0.1.13 || ^0.2.0')).toBe('0.2');
  });
});
