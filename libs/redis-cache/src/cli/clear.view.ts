import type { ClearTarget } from './clear-target.js';
import type { ClearReport } from './clear.report.js';
import type { FoundEntries } from './entry-count.js';
import { count } from './figures.js';
import type { Look } from './printer.js';
import { wrapText } from './text.js';

/** What is asked before anything is cleared. */
export function askingView(
  target: ClearTarget,
  found: FoundEntries,
  { width, paint }: Look,
): string[] {
  const what = `This clears ${target.name}: ${foundText(found)}.`;
  return [...wrapText(what, width), paint('bold', 'Clear it?')];
}

export function clearedView(
  { what, found, deleted }: ClearReport,
  { width, paint }: Look,
): string[] {
  const how =
    deleted === null
      ? `${foundText(found)}, which are not served any more and leave Redis by their ttl`
      : `${count(deleted)} ${deleted === 1 ? 'key' : 'keys'} deleted`;
  return wrapText(`${paint('green', 'Cleared')} ${what}: ${how}.`, width);
}

function foundText({ entries, complete }: FoundEntries): string {
  const noun = entries === 1 ? 'entry' : 'entries';
  return complete ? `${count(entries)} ${noun}` : `${count(entries)} ${noun} or more`;
}
