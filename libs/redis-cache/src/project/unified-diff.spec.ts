import { unifiedDiff } from './unified-diff.js';

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `${from + i}\n`).join('');

describe('a unified diff', () => {
  it('is nothing where nothing has changed', () => {
    expect(unifiedDiff('a', 'x\n', 'x\n')).toEqual([]);
  });

  it('shows what is around a change, and changes that are near in one piece', () => {
    const before = numbers(1, 30);
    const after = before.replace('5\n', 'five\n').replace('9\n', '').replace('25\n', '25\n25.5\n');
    expect(unifiedDiff('f.ts', before, after)).toEqual([
      '--- a/f.ts',
      '+++ b/f.ts',
      '@@ -2,11 +2,10 @@',
      ...[' 2', ' 3', ' 4', '-5', '+five', ' 6', ' 7', ' 8', '-9', ' 10', ' 11', ' 12'],
      '@@ -23,6 +22,7 @@',
      ...[' 23', ' 24', ' 25', '+25.5', ' 26', ' 27', ' 28'],
    ]);
  });

  it('shows a file that is made, and one that does not end its last line', () => {
    expect(unifiedDiff('f', undefined, 'a\nb\n')).toEqual([
      '--- /dev/null',
      '+++ b/f',
      '@@ -0,0 +1,2 @@',
      '+a',
      '+b',
    ]);
    expect(unifiedDiff('f', 'a', 'a\nb')).toEqual([
      '--- a/f',
      '+++ b/f',
      '@@ -1,1 +1,2 @@',
      '-a',
      '\\ No newline at end of file',
      '+a',
      '+b',
      '\\ No newline at end of file',
    ]);
  });
});
