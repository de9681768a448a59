const CONTEXT = 3;
const NO_LINE_END = '\\ No newline at end of file';

interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/**
 * Two texts as a patch that `git apply` takes; none where they are equal. By a longest common
 * subsequence of lines.
 *
 * @param before undefined for a file that is made
 * @see https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html
 */
export function unifiedDiff(path: string, before: string | undefined, after: string): string[] {
  const lines = compared(linesOf(before ?? ''), linesOf(after));
  const changed = lines.flatMap(({ sign }, index) => (sign === ' ' ? [] : [index]));
  if (changed.length === 0) return [];
  const from = before === undefined ? '/dev/null' : `a/${path}`;
  return [
    `--- ${from}`,
    `+++ b/${path}`,
    ...hunksOf(changed).flatMap((hunk) => shown(lines, hunk)),
  ];
}

interface Hunk {
  readonly first: number;
  readonly last: number;
}

/** Changes whose context would meet stand together. */
function hunksOf(changed: readonly number[]): Hunk[] {
  return changed.reduce<Hunk[]>((hunks, index) => {
    const previous = hunks.at(-1);
    return previous && index - previous.last <= 2 * CONTEXT
      ? [...hunks.slice(0, -1), { first: previous.first, last: index }]
      : [...hunks, { first: index, last: index }];
  }, []);
}

function shown(lines: readonly Line[], { first, last }: Hunk): string[] {
  const start = Math.max(0, first - CONTEXT);
  const hunk = lines.slice(start, last + CONTEXT + 1);
  const range = (without: Line['sign']): string => {
    const earlier = lines.slice(0, start).filter(({ sign }) => sign !== without).length;
    const size = hunk.filter(({ sign }) => sign !== without).length;
    return `${size === 0 ? earlier : earlier + 1},${size}`;
  };
  return [
    `@@ -${range('+')} +${range('-')} @@`,
    ...hunk.flatMap(({ sign, text }) =>
      text.endsWith('\n') ? [`${sign}${text.slice(0, -1)}`] : [`${sign}${text}`, NO_LINE_END],
    ),
  ];
}

function compared(before: readonly string[], after: readonly string[]): Line[] {
  const common = commonLengths(before, after);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, young] = [before[i], after[j]];
    if (old !== undefined && old === young) {
      lines.push({ sign: ' ', text: old });
      i += 1;
      j += 1;
    } else if (
      old !== undefined &&
      (young === undefined || at(common, i + 1, j) >= at(common, i, j + 1))
    ) {
      lines.push({ sign: '-', text: old });
      i += 1;
    } else {
      lines.push({ sign: '+', text: young ?? '' });
      j += 1;
    }
  }
  return lines;
}

/** How many lines, from each pair of positions on, both have in the same order. */
function commonLengths(before: readonly string[], after: readonly string[]): Uint32Array[] {
  const lengths = before.map(() => new Uint32Array(after.length + 1));
  lengths.push(new Uint32Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const longest =
        before[i] === after[j]
          ? at(lengths, i + 1, j + 1) + 1
          : Math.max(at(lengths, i + 1, j), at(lengths, i, j + 1));
      lengths[i]?.fill(longest, j, j + 1);
    }
  }
  return lengths;
}

function at(lengths: readonly Uint32Array[], i: number, j: number): number {
  return lengths[i]?.[j] ?? 0;
}

/** Lines with what ends them. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
