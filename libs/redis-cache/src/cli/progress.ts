import type { WalkBounds } from './bounded-walk.js';
import type { CommandContext } from './context.js';
import { count } from './figures.js';
import { cut } from './text.js';

/** What is under way, in one line that is written over; nothing where nobody looks on. */
export interface Progress {
  show(text: string): void;
  /** A bar as well, for work whose end is known. */
  bar(done: number, of: number, text: string): void;
  /** Takes the line away. */
  end(): void;
}

const BAR_COLUMNS = 24;
const SHORTEST_PAUSE_MS = 80;

export function progressOf({
  terminal,
  printer,
}: Pick<CommandContext, 'terminal' | 'printer'>): Progress {
  const { stderr } = terminal;
  let shownAtMs = -Infinity;
  const show = (text: string): void => {
    const nowMs = performance.now();
    if (printer.json || stderr.isTTY !== true || nowMs - shownAtMs < SHORTEST_PAUSE_MS) return;
    shownAtMs = nowMs;
    // One column stays free, or the line would be broken and could not be written over.
    stderr.write(`\r${cut(text, (stderr.columns ?? 80) - 1)}\x1b[K`);
  };
  return {
    show,
    bar: (done, of, text) => show(`${bar(done, of, BAR_COLUMNS)} ${done}/${of} ${text}`),
    end: () => {
      if (shownAtMs > 0) stderr.write('\r\x1b[K');
    },
  };
}

/** `[######----]` */
function bar(done: number, of: number, columns: number): string {
  const filled = of === 0 ? columns : Math.round((Math.min(done, of) / of) * columns);
  return `[${'#'.repeat(filled)}${'-'.repeat(columns - filled)}]`;
}

/** Shows how far a walk through the keys has come, for as long as it takes. */
export async function lookingThrough<T>(
  context: Pick<CommandContext, 'terminal' | 'printer'>,
  maxKeys: number,
  walk: (bounds: WalkBounds) => Promise<T>,
): Promise<T> {
  const progress = progressOf(context);
  const onStep = (lookedAt: number) => progress.show(`${count(lookedAt)} keys looked at`);
  try {
    return await walk({ maxKeys, onStep });
  } finally {
    progress.end();
  }
}
