import { createInterface } from 'node:readline';
import type { Terminal } from './terminal.js';

/** Asks at the terminal. Anything but yes, and Ctrl-C and the end of input too, is a no. */
export function confirmed(
  { stdin, stderr }: Terminal,
  question: readonly string[],
): Promise<boolean> {
  const reader = createInterface({ input: stdin, terminal: false });
  return new Promise((resolve) => {
    const settle = (answer: string): void => {
      resolve(/^\s*y(?:es)?\s*$/i.test(answer));
      reader.close();
    };
    reader.once('line', settle);
    reader.once('close', () => resolve(false));
    stderr.write(`${question.join('\n')} [y/N] `);
  });
}
