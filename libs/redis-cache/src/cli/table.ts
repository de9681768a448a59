import type { Look } from './printer.js';
import { cut, padEnd, padStart, widthOf, wrapText } from './text.js';

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** Numbers stand to the right. @default 'left' */
  readonly align?: 'left' | 'right';
}

const GAP = '  ';
/** A name that is cut shorter than this says nothing any more. */
const SHORTEST_CUT = 12;

/**
 * A table; where it does not fit, with its first column cut; where that is not enough, a block for each
 * row, so that nothing is left out however narrow the terminal is.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { width, paint }: Look,
): string[] {
  const widths = columns.map(({ title }, i) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[i] ?? ''))),
  );
  const first = widths[0] ?? 0;
  const over = widths.reduce((sum, column) => sum + column + GAP.length, -GAP.length) - width;
  if (over > 0 && first - over < Math.min(first, SHORTEST_CUT)) {
    return rows.flatMap((row) => block(columns, row, { width, paint }));
  }
  widths[0] = first - Math.max(0, over);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => {
        const columnWidth = widths[i] ?? 0;
        const fitting = i === 0 ? cut(cell, columnWidth) : cell;
        return columns[i]?.align === 'right'
          ? padStart(fitting, columnWidth)
          : padEnd(fitting, columnWidth);
      })
      .join(GAP)
      .trimEnd();
  const titles = line(columns.map(({ title }) => title));
  return [paint('dim', titles), ...rows.map(line)];
}

function block(columns: readonly Column[], row: readonly string[], look: Look): string[] {
  const [name = '', ...cells] = row;
  const pairs = cells.map((cell, i) => [columns[i + 1]?.title ?? '', cell] as const);
  return [cut(name, look.width), ...facts(pairs, look).map((line) => GAP + line)];
}

/** Names and what is to be said of them, in two columns; long words of it go on in the next line. */
export function facts(pairs: readonly (readonly [string, string])[], look: Look): string[] {
  const nameWidth = Math.max(...pairs.map(([name]) => widthOf(name)), 0);
  const room = Math.max(look.width - nameWidth - GAP.length, SHORTEST_CUT);
  return pairs.flatMap(([name, text]) =>
    wrapText(text, room).map((line, i) => {
      const label = i === 0 ? look.paint('dim', padEnd(name, nameWidth)) : ' '.repeat(nameWidth);
      return `${label}${GAP}${line}`.trimEnd();
    }),
  );
}
