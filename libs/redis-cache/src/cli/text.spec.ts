import { cut, padEnd, padStart, printable, widthOf, wrapText } from './text.js';

describe('text for a terminal', () => {
  it.each([
    ['plain', 'plain'],
    ['\x1b[2Jgone', '\\u{1b}[2Jgone'],
    ['a\r\nb\x07\x9b', 'a\\u{d}\\u{a}b\\u{7}\\u{9b}'],
    ['evil\u202etxt', 'evil\\u{202e}txt'],
    ['zoë 日本 👍', 'zoë 日本 👍'],
  ])('shows %j so that no terminal obeys it', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it.each([
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['👍', 2],
    ['\x1b[31mred\x1b[0m', 3],
  ])('counts the columns of %j', (text, columns) => {
    expect(widthOf(text)).toBe(columns);
    expect(widthOf(padEnd(text, 6))).toBe(6);
    expect(padStart(text, 6)).toBe(' '.repeat(6 - columns) + text);
  });

  it('cuts to a number of columns, and says that it did', () => {
    expect(cut('abcdef', 6)).toBe('abcdef');
    expect(cut('abcdef', 4)).toBe('abc…');
    expect(cut('日本語', 4)).toBe('日…');
  });

  it('breaks lines at spaces, and never inside of a word', () => {
    expect(wrapText('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapText('a-word-too-long for it', 6)).toEqual(['a-word-too-long', 'for it']);
    expect(wrapText('all of it', Infinity)).toEqual(['all of it']);
  });
});
