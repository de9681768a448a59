import type { ChildProcessWithoutNullStreams } from 'node:child_process';

/**
 * Waits until a program has printed all of these texts.
 *
 * @throws with what it had printed, if it ends before that
 */
export async function untilPrinted(
  { stdout }: ChildProcessWithoutNullStreams,
  texts: readonly string[],
): Promise<void> {
  let printed = '';
  // Left open: a program whose output nobody takes any more would end.
  for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
    printed += String(chunk);
    if (texts.every((text) => printed.includes(text))) return;
  }
  throw new Error(`It ended, and had printed: ${printed}`);
}
