import type { Screen, Terminal } from './terminal.js';

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

export type Colour = keyof typeof CODES;

/** Gives text a colour, where colours are shown. */
export type Paint = (colour: Colour, text: string) => string;

export const plain: Paint = (_colour, text) => text;

const painted: Paint = (colour, text) => `\x1b[${CODES[colour]}m${text}\x1b[0m`;

/**
 * Colours, or none: where they were switched off, by `--no-color` or by `NO_COLOR`, and where nobody
 * sees them.
 *
 * @see https://no-color.org
 */
export function paintFor(
  screen: Screen,
  env: Terminal['env'],
  { color = true }: { color?: boolean },
): Paint {
  const shown = screen.isTTY === true && env.TERM !== 'dumb' && !env.NO_COLOR;
  return color && shown ? painted : plain;
}
