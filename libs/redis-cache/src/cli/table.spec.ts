import { plain } from './paint.js';
import { facts, table } from './table.js';

const COLUMNS = [{ title: 'name' }, { title: 'count', align: 'right' }] as const;
const ROWS = [
  ['a-rather-long-name', '5'],
  ['b', '12,345'],
];
const look = (width: number) => ({ width, paint: plain });

describe('table', () => {
  it('sets numbers to the right', () => {
    expect(table(COLUMNS, ROWS, look(80))).toEqual([
      'name                 count',
      'a-rather-long-name       5',
      'b                   12,345',
    ]);
  });

  it('cuts the first column where it does not fit', () => {
    expect(table(COLUMNS, ROWS, look(22))).toEqual([
      'name             count',
      'a-rather-long…       5',
      'b               12,345',
    ]);
  });

  it('becomes a block for each row where even that does not fit, and leaves nothing out', () => {
    expect(table(COLUMNS, ROWS, look(16))).toEqual([
      'a-rather-long-n…',
      '  count  5',
      'b',
      '  count  12,345',
    ]);
  });

  it('goes over several lines with what is to be said of a name', () => {
    expect(
      facts(
        [
          ['is', 'a text of some words'],
          ['is not', 'x'],
        ],
        look(20),
      ),
    ).toEqual(['is      a text of', '        some words', 'is not  x']);
  });
});
